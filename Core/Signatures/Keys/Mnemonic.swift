/// An English BIP-39 phrase of 12, 15, 18, 21 or 24 words whose checksum was verified.
public struct Mnemonic: Sendable, CustomStringConvertible {
    /// The standard's 2048 words in their order.
    static let words: [String] = String(decoding: PackageResources.bip39_english_txt, as: UTF8.self)
        .split(separator: "\n").map(String.init)
    private static let indices: [String: Int] = Dictionary(
        uniqueKeysWithValues: words.enumerated().map { ($0.element, $0.offset) })
    private static let bitsPerWord = 11

    private let entropy: SecretBytes

    /// Reads a phrase; words are separated by any number of spaces.
    /// - Throws: `badMnemonic`, naming the position but never the text of what is wrong.
    public init(_ phrase: String) throws(SignatureError) {
        let words = phrase.split(separator: " ")
        guard [12, 15, 18, 21, 24].contains(words.count) else {
            throw SignatureError(
                .badMnemonic, "a phrase has 12, 15, 18, 21 or 24 words, this one has \(words.count)")
        }
        var bits: [Bool] = []
        for (position, word) in words.enumerated() {
            guard let index = Self.indices[String(word)] else {
                throw SignatureError(
                    .badMnemonic, "word \(position + 1) of the phrase is not on the English BIP-39 list")
            }
            for bit in stride(from: Self.bitsPerWord - 1, through: 0, by: -1) { bits.append(index >> bit & 1 == 1) }
        }
        let entropyBits = bits.count / 33 * 32
        var entropy = Self.bytes(bits[..<entropyBits])
        defer { SecretBytes.wipe(&entropy) }
        guard Self.checksum(entropy).elementsEqual(bits[entropyBits...]) else {
            throw SignatureError(.badMnemonic, "the checksum of the phrase is wrong: a word is mistyped or misplaced")
        }
        self.entropy = SecretBytes(entropy)
    }

    /// The phrase of the given entropy.
    /// - Parameter entropy: 16, 20, 24, 28 or 32 bytes.
    public init(entropy: [UInt8]) throws(SignatureError) {
        guard [16, 20, 24, 28, 32].contains(entropy.count) else {
            throw SignatureError(.badMnemonic, "a phrase holds 16 to 32 bytes, not \(entropy.count)")
        }
        self.entropy = SecretBytes(entropy)
    }

    /// A fresh phrase of twelve words.
    public static func random() -> Mnemonic { Mnemonic(secret: SecretBytes(Sodium.random(16))) }

    private init(secret: SecretBytes) { entropy = secret }

    /// Lends the words in clear, for showing or storing them where only their owner reads.
    public func withPhrase<Result>(_ use: (String) throws -> Result) rethrows -> Result {
        try entropy.withBytes { entropy in
            let bits = entropy.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 == 1 } } + Self.checksum(entropy)
            let words = stride(from: 0, to: bits.count, by: Self.bitsPerWord).map { start in
                Self.words[bits[start..<start + Self.bitsPerWord].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }]
            }
            return try use(words.joined(separator: " "))
        }
    }

    /// The seed as substrate makes it: from the entropy, not from the words (`docs/spec/tfchain.md` section 6).
    public func seed(password: String = "") -> Seed {
        entropy.withBytes { entropy in
            var stretched = Sodium.pbkdf2SHA512(
                password: entropy, salt: Array("mnemonic".utf8) + Array(password.utf8), rounds: 2048,
                length: Seed.length)
            defer { SecretBytes.wipe(&stretched) }
            return Seed(computed: stretched)
        }
    }

    public var description: String { "<mnemonic>" }

    /// One bit per four bytes of entropy, from its SHA-256.
    private static func checksum(_ entropy: [UInt8]) -> [Bool] {
        let digest = Sodium.sha256(entropy)
        return (0..<entropy.count / 4).map { digest[0] >> (7 - $0) & 1 == 1 }
    }

    private static func bytes(_ bits: ArraySlice<Bool>) -> [UInt8] {
        stride(from: bits.startIndex, to: bits.endIndex, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }
}
