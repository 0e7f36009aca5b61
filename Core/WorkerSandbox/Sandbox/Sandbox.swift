import CHost
import Glibc

/// Steps 11 to 18 of a worker's start (docs/spec/plugin-runtime-facts.md section 9.1), in that order: each one takes
/// away a right that only an earlier one needs.
public struct Sandbox: Sendable {
    private let plan: LaunchPlan

    public init(_ plan: LaunchPlan) { self.plan = plan }

    /// Enters it. Assumes that the process has exactly one thread: half of these calls act on threads.
    ///
    /// - Returns: the listener for the core, unless the plan goes without.
    public func enter() throws(SandboxError) -> Int32? {
        for limit in plan.limits { try step("limit on \(limit.kind)", zos_limit(limit.kind.number, limit.value)) }
        let granted = plan.capabilities.filter { $0 < 64 }.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        try step("bounding set", zos_bound_capabilities(granted))
        try step("keep capabilities", zos_keep_capabilities())
        try step("ids", zos_set_ids(plan.user, plan.group))
        try step("ambient capabilities", zos_clear_ambient())
        try step("capabilities", zos_set_capabilities(granted))
        // A change of ids clears it, so not earlier.
        try step("parent death signal", zos_set_parent_death_signal(SIGKILL))
        try step("no new privileges", zos_set_no_new_privileges())
        if !plan.unsafelyWithout.contains(.landlock) {
            try FileAccess(readable: plan.readable, folders: plan.folders).enforce()
        }
        let rules = CallRule.basic(process: UInt32(getpid())) + plan.calls
        let otherwise = plan.unsafelyWithout.contains(.supervisor) ? CallFilter.Otherwise.kill : .ask
        return try CallFilter(rules: rules, otherwise: otherwise).install()
    }

    private func step(_ name: String, _ result: Int32) throws(SandboxError) {
        if result < 0 { throw SandboxError(name, -result) }
    }
}

extension ResourceLimit.Kind {
    var number: Int32 {
        switch self {
        case .descriptors: Int32(RLIMIT_NOFILE.rawValue)
        case .processes: 6  // RLIMIT_NPROC
        case .addressSpace: Int32(RLIMIT_AS.rawValue)
        case .core: Int32(RLIMIT_CORE.rawValue)
        case .lockedMemory: 8  // RLIMIT_MEMLOCK
        case .stack: Int32(RLIMIT_STACK.rawValue)
        case .fileSize: Int32(RLIMIT_FSIZE.rawValue)
        case .processorTime: Int32(RLIMIT_CPU.rawValue)
        }
    }
}
