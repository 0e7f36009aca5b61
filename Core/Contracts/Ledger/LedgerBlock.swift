/// A block's place in the chain.
public struct BlockReference: Sendable, Hashable, Codable {
    public let number: UInt32
    /// 32 bytes.
    public let hash: HexBytes
    /// Milliseconds since 1970.
    public let time: UInt64

    public init(number: UInt32, hash: HexBytes, time: UInt64) {
        self.number = number
        self.hash = hash
        self.time = time
    }
}

/// A finalised block with its events in order.
public struct LedgerBlock: Sendable, Hashable, Codable {
    public let reference: BlockReference
    public let parent: HexBytes
    public let events: [EventRecord]

    public init(reference: BlockReference, parent: HexBytes, events: [EventRecord]) {
        self.reference = reference
        self.parent = parent
        self.events = events
    }
}

/// What asking for a block gives.
public enum BlockLookup: Sendable, Hashable, Codable {
    case block(block: LedgerBlock)
    /// Its events are no longer kept: synchronise fully.
    case pruned
    /// Not produced yet.
    case notYet
}

/// At which block a value is read.
public enum ReadPoint: Sendable, Hashable, Codable {
    /// The newest finalised block: for everything that destroys.
    case finalised
    /// The newest block, which may be reverted: for accepting deployments.
    case best
    case block(number: UInt32)
}
