import Signatures

/// What two twins encrypt payloads with: AES-256-GCM with a random nonce of 12 bytes, a tag of 16 and no further data,
/// written as nonce, ciphertext, tag (`docs/spec/rmb-relay.md` section 7).
public struct SharedKey: Sendable, CustomStringConvertible {
    /// Bytes that are added to a payload.
    public static let overhead = AESGCM.nonceLength + AESGCM.tagLength

    private let secret: SecretBytes

    /// - Parameter sharedX: the x coordinate that both twins compute, 32 bytes.
    init(sharedX: [UInt8]) {
        var key = Sodium.sha256(sharedX)
        secret = SecretBytes(key)
        SecretBytes.wipe(&key)
    }

    /// For vectors: a key of 32 bytes as it is.
    init(bytes: [UInt8]) { secret = SecretBytes(bytes) }

    /// Encrypts a payload under a random nonce.
    /// - Throws: `encryption` when the library fails.
    public func seal(_ payload: [UInt8]) throws(RMBError) -> [UInt8] {
        try seal(payload, nonce: Sodium.random(AESGCM.nonceLength))
    }

    /// - Parameter nonce: 12 bytes that were never used with this key before.
    func seal(_ payload: [UInt8], nonce: [UInt8]) throws(RMBError) -> [UInt8] {
        let sealed = secret.withBytes { AESGCM.seal(payload, key: $0, nonce: nonce) }
        guard let sealed else { throw RMBError(.encryption, "the payload could not be encrypted") }
        return nonce + sealed
    }

    /// Decrypts a payload.
    /// - Throws: `encryption` for anything that this key did not seal.
    public func open(_ sealed: [UInt8]) throws(RMBError) -> [UInt8] {
        guard sealed.count >= Self.overhead else { throw RMBError(.encryption, "the cipher is too short") }
        let nonce = Array(sealed[..<AESGCM.nonceLength])
        let payload = secret.withBytes { AESGCM.open(sealed[AESGCM.nonceLength...], key: $0, nonce: nonce) }
        guard let payload else { throw RMBError(.encryption, "could not decrypt the message") }
        return payload
    }

    /// Lends the key of 32 bytes, for comparison with vectors.
    func withBytes<Result>(_ use: ([UInt8]) -> Result) -> Result { secret.withBytes(use) }

    public var description: String { "<shared key>" }
}
