/// A secret as people write it: a phrase or 64 hexadecimal digits, then `//hard` derivations, then `///password`
/// (`docs/spec/tfchain.md` section 6). An empty base is the well-known development phrase.
public struct SecretURI: Sendable, CustomStringConvertible {
    private static let developmentPhrase =
        "bottom drive obey lake curtain smoke basket hold race lonely fit walk"

    private let base: Seed
    private let junctions: [[UInt8]]

    /// - Throws: `badSecret` or `badMnemonic`. Soft derivations (`/name`) are refused: only hard ones are in use.
    public init(_ text: String) throws(SignatureError) {
        let (derivation, password) = Self.splitPassword(Array(text.utf8))
        let parts = Self.splitHard(derivation)
        let baseText = String(decoding: parts.first ?? [], as: UTF8.self)
        guard !baseText.utf8.contains(UInt8(ascii: "/")),
            parts.dropFirst().allSatisfy({ !$0.isEmpty && !$0.contains(UInt8(ascii: "/")) })
        else {
            throw SignatureError(.badSecret, "derivations of a secret are written //name; soft ones are not supported")
        }
        base = try Self.baseSeed(baseText, password: String(decoding: password, as: UTF8.self))
        junctions = parts.dropFirst().map(Self.chainCode)
    }

    /// The seed behind all derivations. Hard derivation differs between the schemes.
    public func seed(scheme: KeyScheme) -> Seed {
        junctions.reduce(base) { seed, chainCode in
            seed.withBytes { bytes in
                switch scheme {
                case .sr25519: return Seed(computed: SR25519.derive(bytes, chainCode: chainCode))
                case .ed25519:
                    // SCALE text: a length in the compact form, eleven times four, then the text.
                    let label = [44] + Array("Ed25519HDKD".utf8)
                    return Seed(computed: Sodium.blake2b(label + bytes + chainCode))
                }
            }
        }
    }

    public var description: String { "<secret>" }

    private static func baseSeed(_ text: String, password: String) throws(SignatureError) -> Seed {
        if text.isEmpty { return try Mnemonic(developmentPhrase).seed(password: password) }
        if !text.utf8.contains(UInt8(ascii: " ")) {
            let hasPrefix = text.utf8.starts(with: "0x".utf8)
            let digits = hasPrefix ? text.utf8.dropFirst(2) : text.utf8[...]
            guard digits.count == Seed.length * 2, let bytes = try? Hex.decode(digits) else {
                throw SignatureError(.badSecret, "a secret is a phrase or 64 hexadecimal digits")
            }
            return Seed(computed: bytes)
        }
        return try Mnemonic(text).seed(password: password)
    }

    private static func splitPassword(_ text: [UInt8]) -> (derivation: ArraySlice<UInt8>, password: ArraySlice<UInt8>) {
        let slash = UInt8(ascii: "/")
        for start in text.indices
        where start + 2 < text.count && text[start] == slash && text[start + 1] == slash && text[start + 2] == slash {
            return (text[..<start], text[(start + 3)...])
        }
        return (text[...], [])
    }

    private static func splitHard(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        let slash = UInt8(ascii: "/")
        var parts: [[UInt8]] = [[]]
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == slash, index + 1 < text.endIndex, text[index + 1] == slash {
                parts.append([])
                index += 2
            } else {
                parts[parts.count - 1].append(text[index])
                index += 1
            }
        }
        return parts
    }

    /// 32 bytes: a number as `u64`, other text in SCALE form; zeros behind, or a digest of what is longer.
    private static func chainCode(_ name: [UInt8]) -> [UInt8] {
        let code: [UInt8]
        if let number = UInt64(String(decoding: name, as: UTF8.self)), name.allSatisfy({ (0x30...0x39).contains($0) }) {
            code = withUnsafeBytes(of: number.littleEndian) { Array($0) }
        } else {
            code = compactLength(name.count) + name
        }
        return code.count > 32 ? Sodium.blake2b(code) : code + [UInt8](repeating: 0, count: 32 - code.count)
    }

    /// SCALE's compact form of a length.
    private static func compactLength(_ count: Int) -> [UInt8] {
        switch count {
        case ..<64: [UInt8(count << 2)]
        case ..<16384: [UInt8(truncatingIfNeeded: count << 2 | 1), UInt8(truncatingIfNeeded: count >> 6)]
        default: withUnsafeBytes(of: (UInt32(truncatingIfNeeded: count) << 2 | 2).littleEndian) { Array($0) }
        }
    }
}
