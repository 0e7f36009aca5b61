import JSON

/// Everything that the core tells a worker before it loads the plugin. Travels as JSON in a sealed memory file.
public struct LaunchPlan: Codable, Sendable, Hashable {
    /// Descriptors that a worker starts with; the folders' follow from `firstFolder` on.
    public enum Descriptor {
        public static let socket: Int32 = 3
        public static let object: Int32 = 4
        public static let plan: Int32 = 5
        public static let firstFolder: Int32 = 6
    }

    /// What is needed by the C library and the Swift runtime, and nothing of the plugin's: readable for every worker.
    public static let runtimePaths = [
        "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/proc",
    ]
    /// The only file that every worker may write to.
    public static let nullDevice = "/dev/null"

    /// As in the manifest; the object must say the same.
    public var plugin: String
    public var version: String
    /// ABI versions that the node speaks, the preferred one first.
    public var abi: [UInt32]
    /// Ids of the worker, in the user namespace that it finds itself in.
    public var user: UInt32
    public var group: UInt32
    /// Numbers of the capabilities that it keeps.
    public var capabilities: [UInt32]
    public var limits: [ResourceLimit]
    public var readable: [String]
    public var folders: [Folder]
    /// What the filter allows beyond the basic set.
    public var calls: [CallRule]
    /// Calls that the plugin may have open; further ones wait in the worker.
    public var openCalls: Int
    /// JSON text for the plugin's `start`.
    public var configuration: String
    /// Parts of the sandbox that the operator goes without.
    public var unsafelyWithout: [SandboxPart]

    public init(
        plugin: String, version: String, abi: [UInt32], user: UInt32, group: UInt32, capabilities: [UInt32],
        limits: [ResourceLimit], readable: [String], folders: [Folder], calls: [CallRule], configuration: String,
        openCalls: Int = Message.window, unsafelyWithout: [SandboxPart] = []
    ) {
        self.plugin = plugin
        self.version = version
        self.abi = abi
        self.user = user
        self.group = group
        self.capabilities = capabilities
        self.limits = limits
        self.readable = readable
        self.folders = folders
        self.calls = calls
        self.configuration = configuration
        self.openCalls = openCalls
        self.unsafelyWithout = unsafelyWithout
    }

    /// A folder that the plugin may use: an open directory and a Landlock rule.
    public struct Folder: Codable, Sendable, Hashable {
        public var descriptor: Int32
        /// For the package, which nobody writes to; else the folder is the plugin's own.
        public var isReadOnly: Bool

        public init(descriptor: Int32, isReadOnly: Bool = false) {
            self.descriptor = descriptor
            self.isReadOnly = isReadOnly
        }
    }
}

/// A limit of setrlimit(2), hard and soft alike.
public struct ResourceLimit: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable {
        case descriptors, processes, addressSpace, core, lockedMemory, stack, fileSize
        /// Seconds.
        case processorTime
    }
    public var kind: Kind
    /// Bytes or a number, by kind.
    public var value: UInt64

    public init(_ kind: Kind, _ value: UInt64) {
        self.kind = kind
        self.value = value
    }
}

/// A part of the sandbox that an old kernel may lack.
public enum SandboxPart: String, Codable, Sendable, Hashable, CaseIterable {
    case landlock, supervisor, userNamespace
}
