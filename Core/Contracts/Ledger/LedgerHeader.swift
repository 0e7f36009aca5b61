import Signatures

/// A block's header, by whose hash the block is known: parent, number, state and extrinsics.
public struct LedgerHeader: Sendable, Hashable {
    /// 32 bytes each.
    public let parent: HexBytes
    public let number: UInt32
    public let stateRoot: HexBytes
    public let extrinsicsRoot: HexBytes

    public init(parent: HexBytes, number: UInt32, stateRoot: HexBytes, extrinsicsRoot: HexBytes) {
        self.parent = parent
        self.number = number
        self.stateRoot = stateRoot
        self.extrinsicsRoot = extrinsicsRoot
    }

    /// BLAKE2b-256 of the header as SCALE writes it, so that clients which compute it themselves find the same.
    /// The genesis block is known by its state instead (docs/spec/ledger.md section 2).
    public var hash: HexBytes {
        let digest: [UInt8] = [0]  // No digest items.
        return HexBytes(
            Sodium.blake2b(parent.bytes + compactNumber + stateRoot.bytes + extrinsicsRoot.bytes + digest))
    }

    /// docs/spec/tfchain.md section 2.
    private var compactNumber: [UInt8] {
        func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
        }
        switch number {
        case 0..<64: return littleEndian(number << 2, 1)
        case 64..<(1 << 14): return littleEndian(number << 2 | 1, 2)
        case (1 << 14)..<(1 << 30): return littleEndian(number << 2 | 2, 4)
        default: return [3] + littleEndian(number, 4)
        }
    }
}
