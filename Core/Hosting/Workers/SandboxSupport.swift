import CHost
import Glibc
import WorkerSandbox

/// What this kernel has of the parts that a sandbox needs.
public enum SandboxSupport {
    /// The parts that are missing; empty on a kernel that can host plugins.
    public static func missing() -> Set<SandboxPart> {
        var missing: Set<SandboxPart> = []
        if zos_landlock_version() < 1 { missing.insert(.landlock) }
        if zos_notify_supported() == 0 { missing.insert(.supervisor) }
        if access("/proc/self/ns/user", F_OK) != 0 { missing.insert(.userNamespace) }
        return missing
    }

    /// Refuses what `missing` makes unsafe.
    ///
    /// - Parameter unsafelyWithout: what the operator decided to go without, in an option that says so.
    static func check(
        needsUserNamespace: Bool, missing: Set<SandboxPart>, unsafelyWithout: Set<SandboxPart>
    ) throws(HostingError) {
        var lacking = missing.subtracting(unsafelyWithout)
        if !needsUserNamespace { lacking.remove(.userNamespace) }
        guard lacking.isEmpty else {
            let names = lacking.map(\.rawValue).sorted().joined(separator: ", ")
            throw HostingError(
                .sandboxUnavailable, "this kernel lacks parts of the sandbox: \(names)",
                hint:
                    "use a kernel with seccomp user notification, Landlock and user namespaces (6.1 or later), or name "
                    + "them in the option that starts with \"unsafe\"")
        }
    }
}
