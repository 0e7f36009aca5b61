extension JSONParser {
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Reads a string, from its first quote to after its last.
    mutating func string() throws(JSONError) -> String {
        guard take(UInt8(ascii: "\"")) else { throw fail(.syntax, "expected a string") }
        let start = position
        while let byte = current, byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            advance()
        }
        if current == UInt8(ascii: "\"") {
            defer { advance() }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                advance()
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case ..<0x20: throw fail(.syntax, "control character in a string")
            case ..<0x80:
                text.append(byte)
                advance()
            default: try sequence(into: &text)
            }
        }
        throw fail(.syntax, "unterminated string")
    }

    /// One character of more than one byte, or one byte that is none.
    private mutating func sequence(into text: inout [UInt8]) throws(JSONError) {
        let length = UTF8Sequence.length(in: bytes, at: position, end: end)
        guard length > 0 else {
            guard mode == .lenient else { throw fail(.encoding, "the text is not valid UTF-8") }
            text += Self.replacement
            return advance()
        }
        text += bytes[position..<position + length]
        for _ in 0..<length { advance() }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        advance()
        guard let byte = current else { throw fail(.syntax, "unterminated string") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(into: &text)
        default: throw fail(.syntax, "unknown escape in a string")
        }
        advance()
    }

    /// `position` is at the `u`.
    private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        guard let unit = hexUnit(at: position + 1) else { throw fail(.syntax, "expected four hex digits after \\u") }
        for _ in 0..<5 { advance() }
        if let scalar = Unicode.Scalar(unit) { return text.append(contentsOf: UTF8Sequence.encoded(scalar)) }
        // Half of a surrogate pair: the other half must follow at once.
        if unit < 0xDC00, position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u"), let low = hexUnit(at: position + 2), 0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        {
            for _ in 0..<6 { advance() }
            return text.append(contentsOf: UTF8Sequence.encoded(scalar))
        }
        guard mode == .lenient else { throw fail(.encoding, "unpaired surrogate in a string") }
        text += Self.replacement
    }

    private func hexUnit(at start: Int) -> UInt32? {
        guard start + 4 <= end else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }
}

/// Single characters of UTF-8.
enum UTF8Sequence {
    /// The length of the well-formed character of more than one byte at `start`; 0 if there is none.
    static func length(in bytes: [UInt8], at start: Int, end: Int) -> Int {
        guard start < end else { return 0 }
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard start + length <= end, second ~= bytes[start + 1],
            bytes[start + 2..<max(start + 2, start + length)].allSatisfy({ 0x80...0xBF ~= $0 })
        else { return 0 }
        return length
    }

    static func encoded(_ scalar: Unicode.Scalar) -> Unicode.UTF8.EncodedScalar {
        // Every scalar has an encoding; the other side of `??` is U+FFFD itself.
        Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter
    }
}
