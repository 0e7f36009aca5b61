import Naming

/// Account addresses as text: base58 of prefix, account and checksum (`docs/spec/tfchain.md` section 6).
public enum SS58 {
    /// The prefix of the grid's addresses.
    public static let gridPrefix: UInt16 = 42

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    /// Two prefix bytes, 32 of the account and two of the checksum need 49 digits.
    private static let longestText = 52

    /// - Parameter prefix: 0 to 63, or 64 to 16383 for the two-byte form.
    public static func encode(_ key: PublicKey, prefix: UInt16 = gridPrefix) -> String {
        precondition(prefix < 16384, "SS58 prefixes end at 16383")
        let head: [UInt8] =
            prefix < 64
            ? [UInt8(prefix)]
            : [UInt8((prefix & 0xfc) >> 2) | 0x40, UInt8(prefix >> 8) | UInt8((prefix & 3) << 6)]
        let body = head + key.bytes
        return Base58.encode(body + checksum(body))
    }

    /// The account of an address with the given prefix.
    /// - Throws: `badAddress`, saying whether alphabet, length, prefix or checksum is wrong.
    public static func decode(_ text: String, prefix: UInt16 = gridPrefix) throws(SignatureError) -> PublicKey {
        guard !text.isEmpty else { throw SignatureError(.badAddress, "the address is empty") }
        guard text.utf8.count <= longestText else { throw SignatureError(.badAddress, "the address is too long") }
        let bytes = try base58Bytes(text)
        let headLength = (bytes.first ?? 0) & 0x40 == 0 ? 1 : 2
        guard bytes.count == headLength + PublicKey.length + 2 else {
            throw SignatureError(.badAddress, "the address has \(bytes.count) bytes instead of an account's length")
        }
        let body = Array(bytes.dropLast(2))
        guard checksum(body).elementsEqual(bytes.suffix(2)) else {
            throw SignatureError(.badAddress, "the checksum of the address is wrong: look for a mistyped character")
        }
        let found = headLength == 1 ? UInt16(bytes[0]) : twoBytePrefix(bytes[0], bytes[1])
        guard found == prefix else {
            throw SignatureError(.badAddress, "the address has prefix \(found), this network uses \(prefix)")
        }
        return try PublicKey(bytes: Array(body.dropFirst(headLength)))
    }

    private static func twoBytePrefix(_ first: UInt8, _ second: UInt8) -> UInt16 {
        UInt16(first & 0x3f) << 2 | UInt16(second >> 6) | UInt16(second & 0x3f) << 8
    }

    private static func checksum(_ body: [UInt8]) -> [UInt8] {
        Array(Sodium.blake2b(Array("SS58PRE".utf8) + body, length: 64).prefix(2))
    }

    private static func base58Bytes(_ text: String) throws(SignatureError) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else {
                throw SignatureError(.badAddress, "the address has a character outside the base58 alphabet")
            }
            var carry = digit
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(truncatingIfNeeded: carry))
                carry >>= 8
            }
        }
        let zeros = text.utf8.prefix { $0 == alphabet[0] }.count
        return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
    }
}
