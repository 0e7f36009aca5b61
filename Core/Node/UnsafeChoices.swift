import Hosting
import WorkerSandbox

/// What the operator allows that weakens the walls around plugins. Said at every start.
struct UnsafeChoices {
    /// Parts of the sandbox that plugins run without: those that the kernel lacks, and only if the operator allows that.
    let missingParts: Set<SandboxPart>
    /// One sentence each, empty if everything is as it should be.
    let warnings: [String]

    /// - Parameters:
    ///   - missing: what the kernel lacks.
    ///   - rootCompanions: companions of the plugins that will run whose manifests ask for root.
    init(_ configuration: NodeConfiguration, missing: Set<SandboxPart>, rootCompanions: [String]) {
        var warnings: [String] = []
        missingParts = configuration.allowsUnsafeSandbox ? missing : []
        if configuration.allowsUnsafeSandbox {
            let names = missing.map(\.rawValue).sorted().joined(separator: ", ")
            warnings.append(
                names.isEmpty
                    ? "unsafe_sandbox is set although this kernel has the whole sandbox: remove it"
                    : "unsafe_sandbox is set: plugins run without \(names)")
        }
        if configuration.allowsRootCompanions && !rootCompanions.isEmpty {
            warnings.append(
                "root_companions is set: these run as root, confined to what their manifests name: "
                    + rootCompanions.sorted().joined(separator: ", "))
        }
        if configuration.allowsUnsafeFaults {
            warnings.append("unsafe_faults is set: administrators can hold operations and ask plugins anything")
        }
        if configuration.allowsUnsafeTrace {
            warnings.append("unsafe_trace_plugins is set: plugins that call what they may not are not ended")
        }
        self.warnings = warnings
    }
}
