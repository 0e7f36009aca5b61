import JSON

/// A program that a plugin may have the node run, as its signed manifest declares it
/// (docs/spec/plugin-protocol.md section 5).
public struct CompanionSpecification: Sendable, Hashable {
    public enum User: String, Sendable { case own, root }

    public enum Network: Sendable, Hashable {
        case empty
        case node
        /// The namespace that the slot names.
        case slot(String)
    }

    public struct Mount: Sendable, Hashable {
        public enum Source: Sendable, Hashable {
            /// The instance's own folder.
            case folder
            /// What the slot names: an overlay, or a directory that a workload exports.
            case slot(String)
        }
        public let at: String
        public let source: Source
        public let isReadOnly: Bool
    }

    public struct EnvironmentEntry: Sendable, Hashable {
        public let name: String
        public let value: CompanionArgument
    }

    /// System calls that it is refused, beyond what its capabilities are for.
    public enum Filter: String, Sendable {
        case standard = "default"
        /// As well: it executes no further program.
        case noExecution = "no-exec"
    }

    public let id: String
    /// Absolute path of the program on the node.
    public let program: String
    public let arguments: [CompanionArgument]
    public let environment: [EnvironmentEntry]
    public let user: User
    /// Bit per capability, by its number.
    public let capabilities: UInt64
    public let network: Network
    public let hasOwnProcesses: Bool
    public let mounts: [Mount]
    public let limits: CompanionLimits
    public let restart: CompanionRestart
    public let filter: Filter

    /// Reads one element of the manifest's `companions`. Unknown members are refused: they might mean to restrict.
    /// - Throws: `badManifest`, naming the member.
    public init(parsing value: JSONValue) throws(HostingError) {
        let reader = try ManifestObject(
            value, "companion",
            members: [
                "id", "program", "arguments", "environment", "user", "capabilities", "network", "pid", "mounts",
                "limits", "restart", "reason", "seccomp",
            ])
        id = try reader.text("id")
        guard CompanionText.isName(id) else { throw reader.wrong("id", "1 to 64 of A-Z a-z 0-9 _ . -") }
        program = try reader.text("program")
        guard CompanionText.isAbsolutePath(program) else { throw reader.wrong("program", "an absolute path") }
        arguments = try CompanionArgument.list(reader["arguments"] ?? .array([]), reader.path("arguments"))
        guard let userName = User(rawValue: try reader.text("user", default: "own")) else {
            throw reader.wrong("user", #""own" or "root""#)
        }
        user = userName
        hasOwnProcesses = try reader.flag("pid", default: false)
        capabilities = try CompanionText.capabilities(in: reader)
        network = try Self.network(reader)
        environment = try Self.environment(reader)
        mounts = try Self.mounts(reader)
        limits = try CompanionLimits(parsing: reader["limits"] ?? [:], reader.path("limits"))
        restart = try CompanionRestart(parsing: reader["restart"], reader.path("restart"))
        guard let profile = Filter(rawValue: try reader.text("seccomp", default: "default")) else {
            throw reader.wrong("seccomp", #""default" or "no-exec""#)
        }
        filter = profile
    }

    private static func network(_ reader: ManifestObject) throws(HostingError) -> Network {
        switch reader["network"] {
        case nil, .string("empty")?: return .empty
        case .string("node")?: return .node
        case .some(let value):
            guard let slot = value["slot"]?.stringValue else {
                throw reader.wrong("network", #""empty", "node" or {"slot": name}"#)
            }
            return .slot(slot)
        }
    }

    private static func environment(_ reader: ManifestObject) throws(HostingError) -> [EnvironmentEntry] {
        guard let members = (reader["environment"] ?? [:]).objectValue?.members else {
            throw reader.wrong("environment", "an object")
        }
        var entries: [EnvironmentEntry] = []
        for member in members {
            let isName =
                CompanionText.isName(member.key)
                && !member.key.utf8.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
            guard isName, !CompanionText.isLoaderVariable(member.key) else {
                throw reader.wrong("environment", "names that do not steer the program loader; \(member.key) is none")
            }
            let path = reader.path("environment/\(member.key)")
            entries.append(
                EnvironmentEntry(name: member.key, value: try CompanionArgument(single: member.value, path)))
        }
        return entries
    }

    private static func mounts(_ reader: ManifestObject) throws(HostingError) -> [Mount] {
        var mounts: [Mount] = []
        for value in try reader.array("mounts") {
            let mount = try ManifestObject(
                value, reader.path("mounts"), members: ["at", "folder", "slot", "type", "readonly"])
            let at = try mount.text("at")
            guard CompanionText.isAbsolutePath(at), at != "/" else { throw mount.wrong("at", "an absolute path") }
            guard !CompanionText.isSystemFolder(at) else {
                throw mount.wrong("at", "outside of the system's programs, libraries, settings and devices")
            }
            let source: Mount.Source
            if let slot = mount["slot"]?.stringValue {
                source = .slot(slot)
            } else if try mount.flag("folder", default: false) {
                source = .folder
            } else {
                throw mount.wrong("folder", "true, or a slot")
            }
            mounts.append(Mount(at: at, source: source, isReadOnly: try mount.flag("readonly", default: false)))
        }
        return mounts
    }
}
