/// The 32 bytes that a node contract carries. Nodes expect the hexadecimal spelling of a deployment's MD5 challenge
/// as text in them (docs/spec/tfchain.md section 5); the ledger does not look.
public struct ContractHash: Sendable, Hashable, Codable, CustomStringConvertible {
    public static let length = 32

    public let bytes: [UInt8]

    /// Nil for any other length than 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// The text of a deployment's hash; nil unless it has 32 bytes.
    public init?(text: String) { self.init(bytes: Array(text.utf8)) }

    public init(from decoder: any Decoder) throws {
        let value = try HexBytes(from: decoder)
        guard let hash = ContractHash(bytes: value.bytes) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a contract's hash has 32 bytes"))
        }
        self = hash
    }

    public func encode(to encoder: any Encoder) throws { try HexBytes(bytes).encode(to: encoder) }

    /// The bytes as text; what is no UTF-8 shows as replacement characters.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
