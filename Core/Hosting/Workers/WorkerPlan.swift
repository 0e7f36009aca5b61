import JSON

/// Everything that is needed to run one plugin.
public struct WorkerPlan: Sendable {
    /// As in the manifest; the object must say the same.
    public var plugin: String
    public var version: String
    /// Tells two workers of one plugin apart that run side by side, as during an upgrade.
    public var slot = ""
    /// The verified bytes of the shared object: exactly these are loaded.
    public var object: [UInt8]
    public var policy: SandboxPolicy
    public var identity: WorkerIdentity
    /// One for each of the policy's folders.
    public var folders: [WorkerFolder]
    /// The verified copy of the plugin's package, which the plugin may read; nil if it needs none of its files.
    public var package: String?
    public var limits: WorkerLimits
    /// The operator's settings for the plugin.
    public var settings: JSONValue
    /// How long an operation may take, where it differs from the default.
    public var deadlines: [PluginOperation: Duration]

    public init(
        plugin: String, version: String, object: [UInt8], policy: SandboxPolicy, identity: WorkerIdentity,
        folders: [WorkerFolder] = [], package: String? = nil, limits: WorkerLimits = WorkerLimits(),
        settings: JSONValue = [:], deadlines: [PluginOperation: Duration] = [:]
    ) {
        self.plugin = plugin
        self.version = version
        self.object = object
        self.policy = policy
        self.identity = identity
        self.folders = folders
        self.package = package
        self.limits = limits
        self.settings = settings
        self.deadlines = deadlines
    }

    func deadline(of operation: PluginOperation) -> Duration { deadlines[operation] ?? operation.defaultDeadline }
}

/// Who a worker is on the host.
public enum WorkerIdentity: Sendable {
    /// A user of its own, from `UIDAllocator.user(for:)`.
    case user(UInt32)
    /// User 1000 of a user namespace of its own, whose ids start at `base` on the host.
    case userNamespace(OwnedDescriptor, base: UInt32)

    static let userInside: UInt32 = 1000

    /// The user that owns what the worker makes, as the host sees it.
    public var hostUser: UInt32 {
        switch self {
        case .user(let user): user
        case .userNamespace(_, let base): base + Self.userInside
        }
    }
}

/// A folder of the plugin's own.
public struct WorkerFolder: Sendable, Hashable {
    /// As in the entitlement.
    public var name: String
    /// Exists; is given to the worker's user at start.
    public var path: String

    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}

/// What one worker may use at most.
public struct WorkerLimits: Sendable, Hashable {
    /// Bytes of memory, by control group.
    public var memory: UInt64
    /// Threads.
    public var processes: UInt64
    public var descriptors: UInt64
    /// Requests that it has at a time, and calls that it may have open.
    public var calls: Int
    /// From clone to READY.
    public var start: Duration

    public init(
        memory: UInt64 = 256 << 20, processes: UInt64 = 64, descriptors: UInt64 = 256, calls: Int = 64,
        start: Duration = .seconds(10)
    ) {
        self.memory = memory
        self.processes = processes
        self.descriptors = descriptors
        self.calls = calls
        self.start = start
    }
}
