import Signatures

/// Bytes as the chain's JSON has them: lower-case hexadecimal behind `0x`.
public enum HexText {
    public static func encode(_ bytes: [UInt8]) -> String { "0x" + Hex.encode(bytes) }

    /// Nil for everything that is no `0x` and pairs of digits.
    public static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.starts(with: "0x".utf8) else { return nil }
        // What is wrong with it is of no interest: the caller names the place.
        return try? Hex.decode(Array(text.utf8.dropFirst(2)))
    }

    /// A quantity: hexadecimal without leading zeros.
    public static func quantity(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    public static func quantity(_ text: String) -> UInt64? {
        guard text.utf8.starts(with: "0x".utf8), text.utf8.dropFirst(2).allSatisfy({ $0 != 0x2b && $0 != 0x2d }) else {
            return nil
        }
        return UInt64(text.dropFirst(2), radix: 16)
    }
}
