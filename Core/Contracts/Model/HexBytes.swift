import Signatures

/// Bytes that are written as lower-case hexadecimal text.
public struct HexBytes: Sendable, Hashable, Codable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            bytes = try Hex.decode(try container.decode(String.self))
        } catch let failure as Hex.Failure {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no hexadecimal text: \(failure)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var text: String { Hex.encode(bytes) }
}
