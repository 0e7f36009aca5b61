/// Hexadecimal text, read as the grid's implementations read it: either case, no prefix.
public enum Hex {
    /// Why a text is no hexadecimal, in the words that the grid's error texts embed.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case invalidByte(UInt8)
        case oddLength

        public var description: String {
            switch self {
            case .oddLength: "encoding/hex: odd length hex string"
            case .invalidByte(let byte): "encoding/hex: invalid byte: \(Self.codePoint(byte))"
            }
        }

        /// `U+006E 'n'`, without the quoted part for what does not print.
        private static func codePoint(_ byte: UInt8) -> String {
            let digits = String(byte, radix: 16, uppercase: true)
            let number = "U+" + String(repeating: "0", count: 4 - digits.count) + digits
            let prints = (0x20...0x7e).contains(byte) || (byte >= 0xa1 && byte != 0xad)
            return prints ? "\(number) '\(Character(UnicodeScalar(byte)))'" : number
        }
    }

    /// Two lower-case digits per byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

    /// The same for an array, which generic code across modules would walk byte by byte through a table.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Throws: the first wrong character, or that the number of digits is odd.
    public static func decode(_ text: String) throws(Failure) -> [UInt8] { try decode(Array(text.utf8)) }

    public static func decode(_ text: some Sequence<UInt8>) throws(Failure) -> [UInt8] { try decode(Array(text)) }

    public static func decode(_ text: [UInt8]) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            guard let value = value(of: character) else { throw .invalidByte(character) }
            if let pending = high {
                bytes.append(pending << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard high == nil else { throw .oddLength }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x37
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }
}
