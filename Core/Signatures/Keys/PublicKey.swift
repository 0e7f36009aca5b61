import CSodium

/// An account's public key: exactly 32 bytes. The ledger does not say which scheme they belong to.
public struct PublicKey: Sendable, Hashable, CustomStringConvertible {
    public static let length = 32

    public let bytes: [UInt8]

    /// - Throws: `badKey` for any other length than 32.
    public init(bytes: [UInt8]) throws(SignatureError) {
        guard bytes.count == Self.length else {
            throw SignatureError(.badKey, "a public key has 32 bytes, this one has \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// For keys that were just computed.
    init(computed bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the signature is one of the message by this key. Never fails: bad input is an invalid signature.
    public func isValid(_ signature: [UInt8], for message: [UInt8], scheme: KeyScheme) -> Bool {
        switch scheme {
        case .ed25519:
            // libsodium checks without cofactor, insists on a reduced scalar and refuses keys of small order.
            signature.count == 64
                && crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
        case .sr25519:
            SR25519.isValid(signature, message: message, publicKey: bytes)
        }
    }

    /// The account's address with the grid's prefix.
    public var description: String { SS58.encode(self) }
}
