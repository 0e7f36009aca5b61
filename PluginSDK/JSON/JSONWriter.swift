/// Writes JSON without white space.
struct JSONWriter {
    /// What is escaped inside strings: what JSON forces (as RFC 8785 wants it), or what the grid escapes as well
    /// (docs/spec/deployment.md section 2.2).
    enum Escapes { case minimal, grid }

    private static let hex = Array("0123456789abcdef".utf8)
    private(set) var output: [UInt8] = []

    var text: String { String(decoding: output, as: UTF8.self) }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .number(let number): raw(number.text)
        case .string(let text): string(text, .grid)
        case .array(let values): list(values, "[", "]") { (writer, value) in writer.write(value) }
        case .object(let object):
            list(object.members, "{", "}") { (writer, member) in
                writer.string(member.key, .grid)
                writer.raw(":")
                writer.write(member.value)
            }
        }
    }

    mutating func raw(_ text: String) { output += text.utf8 }

    mutating func list<Element, Failure: Error>(
        _ elements: [Element], _ open: String, _ close: String,
        _ body: (inout JSONWriter, Element) throws(Failure) -> Void
    ) throws(Failure) {
        raw(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(",") }
            try body(&self, element)
        }
        raw(close)
    }

    mutating func string(_ text: String, _ escapes: Escapes) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        if text.utf8.allSatisfy({ Self.isPlain($0, escapes) }) { return output.append(contentsOf: text.utf8) }
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case ..<0x20: Self.writeUnicodeEscape(byte, to: &output)
            case 0xE2 where escapes == .grid:
                Self.writeEscapedForGrid(bytes[position..<min(position + 3, bytes.count)], to: &output)
                position += 2
            default: if escapes == .grid { Self.writeEscapedForGrid(byte, to: &output) } else { output.append(byte) }
            }
            position += 1
        }
    }

    /// Whether a byte never needs a second look: most texts have no others.
    private static func isPlain(_ byte: UInt8, _ escapes: Escapes) -> Bool {
        switch byte {
        case ..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): false
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0xE2: escapes == .minimal
        default: true
        }
    }

    /// An ASCII character, as the grid writes it inside strings. Outside of strings `<`, `>` and `&` do not occur.
    static func writeEscapedForGrid(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): writeUnicodeEscape(byte, to: &output)
        default: output.append(byte)
        }
    }

    /// A character of several bytes, as the grid writes it; nothing at all stands for an invalid byte.
    static func writeEscapedForGrid(_ sequence: ArraySlice<UInt8>, to output: inout [UInt8]) {
        if sequence.isEmpty {
            output += [0xEF, 0xBF, 0xBD]
        } else if sequence.elementsEqual([0xE2, 0x80, 0xA8]) {
            output += "\\u2028".utf8
        } else if sequence.elementsEqual([0xE2, 0x80, 0xA9]) {
            output += "\\u2029".utf8
        } else {
            output += sequence
        }
    }

    private static func writeUnicodeEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output += "\\u00".utf8
        output.append(hex[Int(byte >> 4)])
        output.append(hex[Int(byte & 15)])
    }
}

extension JSONValue {
    /// The value as the grid writes it (docs/spec/deployment.md section 2.2): no white space, members in their order.
    public var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }
}
