/// How the node runs companions.
public struct CompanionConfiguration: Sendable {
    public enum RootPolicy: Sendable {
        /// A companion whose manifest says `"user": "root"` is refused.
        case refused
        /// The operator allows it for the trusted plugins.
        case allowed
    }

    /// The static shim program.
    public var shim: String
    /// Folder for instances; lost at a reboot without harm. Plain characters only, it ends up in command lines.
    public var folder: String
    /// Parent of the companions' control groups below each root, such as `zos-1/companions`.
    public var cgroup: String
    public var rootPolicy: RootPolicy
    /// What the operator lets companions have; nil: whatever their manifests say, for tools without an operator.
    public var policy: CompanionPolicy?
    /// Folders of the node that companions find empty, but for what is theirs.
    public var hidden: [String] = []
    /// Bytes for a companion whose manifest sets no limit.
    public var defaultMemory: UInt64 = 512 << 20
    public var defaultProcesses: UInt64 = 128

    public init(shim: String, folder: String, cgroup: String, rootPolicy: RootPolicy) {
        self.shim = shim
        self.folder = folder
        self.cgroup = cgroup
        self.rootPolicy = rootPolicy
    }
}
