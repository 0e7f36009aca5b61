import CHost
import Glibc

/// What closes around a program of the node's own that reads what strangers made. Nobody supervises it: what is not
/// allowed fails.
public struct Enclosure: Sendable {
    /// User and group, in the namespace that the process finds itself in.
    public var user: UInt32
    /// Numbers of the capabilities that it keeps; they count in its user namespace only.
    public var capabilities: [UInt32] = []
    public var limits: [ResourceLimit] = []
    public var readable: [String] = []
    public var folders: [LaunchPlan.Folder] = []
    /// What it may call beyond the basic set.
    public var calls: [CallRule] = []
    /// Whether it may make TCP connections.
    public var connects = false
    /// For a kernel that has none.
    public var isWithoutLandlock = false

    public init(user: UInt32) { self.user = user }

    /// Enters it for good. Assumes that the process has exactly one thread.
    public func enter() throws(SandboxError) {
        for limit in limits { try step("limit on \(limit.kind)", zos_limit(limit.kind.number, limit.value)) }
        let granted = capabilities.filter { $0 < 64 }.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        try step("bounding set", zos_bound_capabilities(granted))
        try step("keep capabilities", zos_keep_capabilities())
        try step("ids", zos_set_ids(user, user))
        try step("ambient capabilities", zos_clear_ambient())
        try step("capabilities", zos_set_capabilities(granted))
        try step("parent death signal", zos_set_parent_death_signal(SIGKILL))
        try step("no new privileges", zos_set_no_new_privileges())
        if !isWithoutLandlock {
            try FileAccess(readable: readable, folders: folders, connects: connects).enforce()
        }
        // Libraries take "there is no such call" for an old kernel and go another way.
        let refusal = UInt16(ENOSYS)
        // A rule that says the same as the default is none to libseccomp.
        let rules = (CallRule.basic(process: UInt32(getpid())) + calls).filter { $0.outcome != .refuse(refusal) }
        _ = try CallFilter(rules: rules, otherwise: .refuse(refusal)).install()
    }

    private func step(_ name: String, _ result: Int32) throws(SandboxError) {
        if result < 0 { throw SandboxError(name, -result) }
    }
}
