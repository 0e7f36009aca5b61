import Hosting

/// What the engine is told about its node. Time and the machine's figures come in from outside, so that tests own them.
public struct EngineSettings: Sendable {
    /// The node's id on the ledger.
    public let node: UInt32
    public let admission: MemoryAdmission
    /// Bytes that all disks and volumes of the node may take together.
    public let storage: UInt64
    /// Bytes of memory in use now.
    public let memoryInUse: @Sendable () -> UInt64
    /// Unix seconds.
    public let now: @Sendable () -> Int64
    /// Waits before a step is tried again after a failure that says nothing about the workload.
    public let retryDelays: [Duration]
    /// Seconds until a removal that failed is tried again.
    public let removalRetrySeconds: Int64
    /// A number that differs after each boot of the machine; nil if boots are not to be noticed.
    public let boot: Int64?
    /// Wait before the ledger is asked again whether a deployment may be installed again after a boot.
    public let reinstallPause: Duration
    /// Asked about the owner before anything is accepted; nil if the node takes everybody.
    public let ownerCheck: (any OwnerCheck)?
    /// Positions of types in the order of installation; types without one come after those with one, in list order.
    public let typeOrder: [String]
    /// Called when what a deployment takes of the node may have changed, but not when it is removed.
    public let capacityChanged: @Sendable (UInt64, Capacity) -> Void
    /// Called when the result of an operation on a workload of a type is stored, before its job ends.
    public let stored: @Sendable (_ operation: String, _ type: String) async -> Void

    public init(
        node: UInt32, admission: MemoryAdmission, storage: UInt64 = .max, memoryInUse: @escaping @Sendable () -> UInt64,
        now: @escaping @Sendable () -> Int64, typeOrder: [String],
        retryDelays: [Duration] = [
            .milliseconds(200), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16),
        ],
        removalRetrySeconds: Int64 = 15, boot: Int64? = nil, reinstallPause: Duration = .seconds(5),
        ownerCheck: (any OwnerCheck)? = nil,
        capacityChanged: @escaping @Sendable (UInt64, Capacity) -> Void = { _, _ in },
        stored: @escaping @Sendable (_ operation: String, _ type: String) async -> Void = { _, _ in }
    ) {
        self.node = node
        self.admission = admission
        self.storage = storage
        self.memoryInUse = memoryInUse
        self.now = now
        self.typeOrder = typeOrder
        self.retryDelays = retryDelays
        self.removalRetrySeconds = removalRetrySeconds
        self.boot = boot
        self.reinstallPause = reinstallPause
        self.ownerCheck = ownerCheck
        self.capacityChanged = capacityChanged
        self.stored = stored
    }
}
