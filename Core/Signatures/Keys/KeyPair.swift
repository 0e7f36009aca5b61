import CSodium

/// A secret key of either scheme with its public key. The secret never shows in descriptions and is wiped at the end.
public struct KeyPair: Sendable, CustomStringConvertible {
    public let scheme: KeyScheme
    public let publicKey: PublicKey
    /// ed25519: the 64 bytes of libsodium. sr25519: scalar, then nonce seed.
    private let secret: SecretBytes

    /// The key of a seed: RFC 8032 for ed25519, the expansion in the way of Ed25519 for sr25519.
    public init(seed: Seed, scheme: KeyScheme) {
        self.scheme = scheme
        var publicBytes = [UInt8](repeating: 0, count: PublicKey.length)
        var secretBytes = [UInt8](repeating: 0, count: 64)
        seed.secret.withBytes { seed in
            switch scheme {
            case .ed25519:
                crypto_sign_seed_keypair(&publicBytes, &secretBytes, seed)
            case .sr25519:
                let expanded = SR25519.expand(seed)
                secretBytes = expanded.scalar + expanded.nonce
                // Clamping sets a high bit, so the scalar is never zero and there is always a point.
                publicBytes = SR25519.publicKey(scalar: expanded.scalar) ?? publicBytes
            }
        }
        publicKey = PublicKey(computed: publicBytes)
        secret = SecretBytes(secretBytes)
        SecretBytes.wipe(&secretBytes)
    }

    /// The key of a secret text: phrase or hexadecimal seed, with derivations (`SecretURI`).
    public init(secretURI: String, scheme: KeyScheme) throws(SignatureError) {
        self.init(seed: try SecretURI(secretURI).seed(scheme: scheme), scheme: scheme)
    }

    /// A key that nobody had before.
    public static func generate(scheme: KeyScheme) -> KeyPair { KeyPair(seed: .random(), scheme: scheme) }

    /// A signature of 64 bytes: deterministic for ed25519, randomised for sr25519.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        secret.withBytes { secret in
            switch scheme {
            case .ed25519:
                var signature = [UInt8](repeating: 0, count: 64)
                crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret)
                return signature
            case .sr25519:
                let expanded = SR25519.Expanded(scalar: Array(secret[..<32]), nonce: Array(secret[32...]))
                return SR25519.sign(message, secret: expanded, publicKey: publicKey.bytes)
            }
        }
    }

    /// Lends the expanded secret of 64 bytes, for key files that store it.
    package func withSecret<Result>(_ use: ([UInt8]) throws -> Result) rethrows -> Result { try secret.withBytes(use) }

    public var description: String { "\(scheme.rawValue) key of \(publicKey)" }
}
