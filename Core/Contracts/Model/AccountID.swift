import Signatures

/// An account of the ledger: 32 bytes, the public key that signs. Written as an address with the grid's prefix.
public struct AccountID: Sendable, Hashable, Codable, CustomStringConvertible {
    public let key: PublicKey

    public init(_ key: PublicKey) { self.key = key }

    /// Reads an address and checks alphabet, length, prefix and checksum.
    public init(address: String) throws(SignatureError) { key = try SS58.decode(address) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(address: container.decode(String.self))
        } catch let error as SignatureError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(address)
    }

    public var address: String { SS58.encode(key) }
    public var description: String { address }
}
