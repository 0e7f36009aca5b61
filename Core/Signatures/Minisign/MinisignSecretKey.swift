/// A publisher's secret key. Its file is minisign's, with or without a password (`minisign -G`, `-W`): keep it 0600.
public struct MinisignSecretKey: Sendable, CustomStringConvertible {
    private static let unencrypted: [UInt8] = [0, 0]
    private static let checksumAlgorithm = Array("B2".utf8)
    /// Salt and two limits of the key derivation, unused without a password.
    private static let derivationLength = 32 + 8 + 8
    private static let fileLength = 2 + 2 + 2 + derivationLength + MinisignPublicKey.idLength + 64 + 32

    public let publicKey: MinisignPublicKey
    private let seed: Seed
    private let pair: KeyPair

    /// A fresh key with a random id.
    public static func generate() -> MinisignSecretKey {
        MinisignSecretKey(id: Sodium.random(MinisignPublicKey.idLength), seed: .random())
    }

    private init(id: [UInt8], seed: Seed) {
        self.seed = seed
        pair = KeyPair(seed: seed, scheme: .ed25519)
        publicKey = MinisignPublicKey(id: id, key: pair.publicKey)
    }

    /// Whether the text is that of a key under a password.
    public static func needsPassword(fileText: String) -> Bool {
        guard var bytes = try? decode(fileText) else { return false }  // No key at all: `init` says so.
        defer { SecretBytes.wipe(&bytes) }
        return !bytes[2..<4].elementsEqual(unencrypted)
    }

    private static func decode(_ fileText: String) throws(SignatureError) -> [UInt8] {
        let lines = MinisignText.lines(fileText)
        guard lines.count == 2, MinisignText.isUntrustedComment(lines[0]), let bytes = Base64.decode(lines[1]),
            bytes.count == fileLength, bytes.starts(with: MinisignPublicKey.algorithm)
        else { throw SignatureError(.badSecret, "this is not the text of a minisign secret key") }
        return bytes
    }

    /// Reads a secret key file.
    /// - Parameter password: for a file under one; minisign's own files take a second and 1 GiB of memory to open.
    /// - Throws: `badSecret`, also if the password is wrong or lacks.
    public init(fileText: String, password: [UInt8]? = nil) throws(SignatureError) {
        var bytes = try Self.decode(fileText)
        defer { SecretBytes.wipe(&bytes) }
        let isProtected = !bytes[2..<4].elementsEqual(Self.unencrypted)
        if isProtected {
            guard let password else {
                throw SignatureError(
                    .badSecret, "the secret key is under a password; give it, or remove it with minisign -C -W -s FILE")
            }
            try MinisignPassword(derivation: Array(bytes[2..<6 + Self.derivationLength])).open(
                &bytes, from: 6 + Self.derivationLength, with: password)
        }
        let start = 6 + Self.derivationLength
        let id = Array(bytes[start..<start + MinisignPublicKey.idLength])
        var secret = Array(bytes[(start + MinisignPublicKey.idLength)..<(Self.fileLength - 32)])
        defer { SecretBytes.wipe(&secret) }
        // minisign leaves the checksum zero where no password protects the key.
        let checksum = Array(bytes[(Self.fileLength - 32)...])
        let isChecksumZero = checksum.allSatisfy { $0 == 0 }
        let isSound = Sodium.equal(checksum, Self.checksum(id: id, secret: secret))
        guard isSound || (isChecksumZero && !isProtected) else {
            throw SignatureError(
                .badSecret,
                isProtected
                    ? "the password of the secret key is wrong"
                    : "the checksum of the secret key is wrong: the file is damaged")
        }
        self.init(id: id, seed: try Seed(bytes: Array(secret[..<32])))
        guard publicKey.key.bytes.elementsEqual(secret[32...]) else {
            throw SignatureError(.badSecret, "the two halves of the secret key do not belong together")
        }
    }

    /// Lends the text of the key file, for writing it where only its owner reads.
    public func withFileText<Result>(_ use: (String) throws -> Result) rethrows -> Result {
        try pair.withSecret { secret in
            let header = MinisignPublicKey.algorithm + Self.unencrypted + Self.checksumAlgorithm
            let derivation = [UInt8](repeating: 0, count: Self.derivationLength)
            var bytes = header + derivation + publicKey.id + secret + Self.checksum(id: publicKey.id, secret: secret)
            defer { SecretBytes.wipe(&bytes) }
            return try use("untrusted comment: minisign secret key\n\(Base64.encode(bytes))\n")
        }
    }

    /// Signs the content and the trusted comment.
    /// - Parameter trustedComment: one line.
    public func sign(_ content: [UInt8], trustedComment: String) -> MinisignSignature {
        precondition(!trustedComment.utf8.contains { $0 == 0x0a || $0 == 0x0d }, "a trusted comment is one line")
        let signature = pair.sign(Sodium.blake2b(content, length: 64))
        return MinisignSignature(
            keyID: publicKey.id, trustedComment: trustedComment, signature: signature,
            globalSignature: pair.sign(signature + Array(trustedComment.utf8)))
    }

    public var description: String { "minisign secret key of \(publicKey)" }

    private static func checksum(id: [UInt8], secret: [UInt8]) -> [UInt8] {
        Sodium.blake2b(MinisignPublicKey.algorithm + id + secret)
    }
}
