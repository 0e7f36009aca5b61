import CHost
import Glibc

/// The Landlock domain of a worker (docs/spec/plugin-runtime-facts.md section 6.2).
struct FileAccess {
    private enum Right {
        static let writeFile: UInt64 = 1 << 1
        static let readFile: UInt64 = 1 << 2
        static let readFolder: UInt64 = 1 << 3
        static let refer: UInt64 = 1 << 13
        static let truncate: UInt64 = 1 << 14
        static let device: UInt64 = 1 << 15
        /// Everything that the first version knows.
        static let first: UInt64 = (1 << 13) - 1
        static let execute: UInt64 = 1 << 0
        /// Of TCP.
        static let bind: UInt64 = 1 << 0
        static let connect: UInt64 = 1 << 1
        /// Devices and sockets: never made by a plugin.
        static let special: UInt64 = 1 << 6 | 1 << 9 | 1 << 11
    }

    let readable: [String]
    let folders: [LaunchPlan.Folder]
    /// Whether TCP connections may be made.
    var connects = false

    /// Restricts the calling thread for good. Needs no_new_privs.
    func enforce() throws(SandboxError) {
        let version = zos_landlock_version()
        guard version > 0 else { throw SandboxError("landlock", -version) }
        var handled = Right.first
        if version >= 2 { handled |= Right.refer }
        if version >= 3 { handled |= Right.truncate }
        if version >= 5 { handled |= Right.device }
        let rules = zos_landlock_create(
            handled, version >= 4 ? (connects ? Right.bind : Right.bind | Right.connect) : 0, version >= 6 ? 3 : 0)
        guard rules >= 0 else { throw SandboxError("landlock", -rules) }
        defer { close(rules) }
        for path in readable + LaunchPlan.runtimePaths { try allow(path, Right.readFile | Right.readFolder, rules) }
        try allow(LaunchPlan.nullDevice, Right.readFile | Right.writeFile, rules)
        for folder in folders {
            let own = handled & ~(Right.execute | Right.special | Right.device)
            let granted = folder.isReadOnly ? Right.readFile | Right.readFolder : own
            try check(zos_landlock_allow(rules, granted, folder.descriptor), "landlock rule for a folder")
        }
        try check(zos_landlock_enforce(rules), "landlock")
    }

    /// A path that is not there needs no rule.
    private func allow(_ path: String, _ access: UInt64, _ rules: Int32) throws(SandboxError) {
        let descriptor = zos_open_path(path)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw SandboxError("landlock rule for \(path)", errno) }
        let isFolder = facts.st_mode & S_IFMT == S_IFDIR
        try check(
            zos_landlock_allow(rules, isFolder ? access : access & ~Right.readFolder, descriptor),
            "landlock rule for \(path)")
    }

    private func check(_ result: Int32, _ step: String) throws(SandboxError) {
        if result < 0 { throw SandboxError(step, -result) }
    }
}
