import Signatures

/// A signature as twins write it: a byte for the scheme, then 64 bytes (`docs/spec/rmb-direct.md` section 3).
public struct TypedSignature: Sendable, Equatable {
    /// Bytes of the written form.
    public static let length = 65

    public let scheme: KeyScheme
    /// 64 bytes.
    public let bytes: [UInt8]

    public init(of message: [UInt8], by key: KeyPair) {
        scheme = key.scheme
        bytes = key.sign(message)
    }

    /// - Throws: `badSignature` for another type byte than `e` and `s`, or any other length than 65.
    public init(_ written: [UInt8]) throws(RMBError) {
        switch written.first {
        case UInt8(ascii: "e"): scheme = .ed25519
        case UInt8(ascii: "s"): scheme = .sr25519
        case let type?: throw RMBError(.badSignature, "unrecognized signature prefix \(Hex.encode([type]))")
        case nil: throw RMBError(.badSignature, "the signature is empty")
        }
        guard written.count == Self.length else { throw RMBMessage.badSignature }
        bytes = Array(written[1...])
    }

    public var written: [UInt8] { [scheme == .ed25519 ? UInt8(ascii: "e") : UInt8(ascii: "s")] + bytes }

    public func isValid(for message: [UInt8], by key: PublicKey) -> Bool {
        key.isValid(bytes, for: message, scheme: scheme)
    }
}
