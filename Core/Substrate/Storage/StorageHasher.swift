import Signatures

/// How a part of a storage key is hashed; the numbers are those of metadata (docs/spec/tfchain.md sections 3 and 4).
public enum StorageHasher: UInt8, Sendable {
    case blake2With128Bits, blake2With256Bits, blake2With128BitsConcat, twox128, twox256, twox64Concat, identity

    /// The name in Substrate's own spelling.
    public var name: String {
        switch self {
        case .blake2With128Bits: "Blake2_128"
        case .blake2With256Bits: "Blake2_256"
        case .blake2With128BitsConcat: "Blake2_128Concat"
        case .twox128: "Twox128"
        case .twox256: "Twox256"
        case .twox64Concat: "Twox64Concat"
        case .identity: "Identity"
        }
    }

    public func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .blake2With128Bits: Sodium.blake2b(bytes, length: 16)
        case .blake2With256Bits: Sodium.blake2b(bytes, length: 32)
        case .blake2With128BitsConcat: Sodium.blake2b(bytes, length: 16) + bytes
        case .twox128: Self.twox(bytes, words: 2)
        case .twox256: Self.twox(bytes, words: 4)
        case .twox64Concat: Self.twox(bytes, words: 1) + bytes
        case .identity: bytes
        }
    }

    /// How many bytes of hash stand before the key part itself; nil if it cannot be read back.
    var prefixLength: Int? {
        switch self {
        case .blake2With128BitsConcat: 16
        case .twox64Concat: 8
        case .identity: 0
        case .blake2With128Bits, .blake2With256Bits, .twox128, .twox256: nil
        }
    }

    /// XXH64 with the seeds from 0, each little-endian.
    public static func twox(_ bytes: [UInt8], words: Int) -> [UInt8] {
        (0..<UInt64(words)).flatMap { seed in
            withUnsafeBytes(of: XXHash64.hash(bytes, seed: seed).littleEndian) { Array($0) }
        }
    }
}
