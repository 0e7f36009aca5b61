/// The 32 secret bytes that an account's key grows from.
public struct Seed: Sendable, CustomStringConvertible {
    public static let length = 32

    let secret: SecretBytes

    /// - Throws: `badSecret` for any other length than 32.
    public init(bytes: [UInt8]) throws(SignatureError) {
        guard bytes.count == Self.length else {
            throw SignatureError(.badSecret, "a seed has 32 bytes, this one has \(bytes.count)")
        }
        secret = SecretBytes(bytes)
    }

    /// A fresh seed.
    public static func random() -> Seed { Seed(computed: Sodium.random(length)) }

    /// For seeds that were just computed and have the right length.
    init(computed bytes: [UInt8]) { secret = SecretBytes(bytes) }

    /// Lends the bytes, for storing them in a file that only its owner can read.
    public func withBytes<Result>(_ use: ([UInt8]) throws -> Result) rethrows -> Result {
        try secret.withBytes(use)
    }

    public var description: String { "<seed>" }
}
