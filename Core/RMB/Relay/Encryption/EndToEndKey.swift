import Signatures

/// A twin's key for the encryption of payloads (`docs/spec/rmb-relay.md` section 7). Its secret is the seed that the
/// account's key grows from, used on another curve.
public struct EndToEndKey: Sendable, CustomStringConvertible {
    /// The compressed point, 33 bytes: the `pk` of the twin's record on the chain.
    public let publicKey: [UInt8]
    private let secret: Seed

    /// - Throws: `configuration` for a seed that is no scalar of the curve (one of 2^128 or so).
    public init(seed: Seed) throws(RMBError) {
        guard let publicKey = seed.withBytes({ Secp256k1.shared.publicKey(of: $0) }) else {
            throw RMBError(
                .configuration, "this seed cannot be used for encryption between twins; make another one")
        }
        self.publicKey = publicKey
        secret = seed
    }

    /// The key that two twins share, in both directions and for all messages.
    /// - Parameter publicKey: the other's `pk`: a point in its short (33 bytes) or long form (65 bytes).
    /// - Throws: `malformed` when it is no point.
    public func shared(with publicKey: [UInt8]) throws(RMBError) -> SharedKey {
        let x = secret.withBytes { Secp256k1.shared.sharedX(secret: $0, publicKey: publicKey) }
        guard var x else { throw RMBError(.malformed, "the other twin's public key is no point of the curve") }
        defer { SecretBytes.wipe(&x) }
        return SharedKey(sharedX: x)
    }

    public var description: String { "<encryption key of \(Hex.encode(publicKey))>" }
}
