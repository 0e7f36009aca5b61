/// Proof that a call was applied with success.
public struct CallReceipt: Sendable, Hashable, Codable {
    public let block: BlockReference
    /// Position in the block.
    public let extrinsic: UInt32
    /// The call's own events in order.
    public let events: [LedgerEvent]

    public init(block: BlockReference, extrinsic: UInt32, events: [LedgerEvent]) {
        self.block = block
        self.extrinsic = extrinsic
        self.events = events
    }

    /// The contract that the call made or changed.
    public var contract: Contract? {
        for case .contractCreated(let contract) in events { return contract }
        for case .contractUpdated(let contract) in events { return contract }
        return nil
    }

    /// The twin that the call made or changed.
    public var twin: Twin? {
        for case .twinStored(let twin) in events { return twin }
        for case .twinUpdated(let twin) in events { return twin }
        return nil
    }

    /// The farm that the call made.
    public var farm: Farm? {
        for case .farmStored(let farm) in events { return farm }
        return nil
    }

    /// The node that the call made.
    public var node: Node? {
        for case .nodeStored(let node) in events { return node }
        return nil
    }
}
