/// A piece of JSON text that is known to be one value, with access to the text of its parts.
///
/// For everything that must be passed on as it was received: `try JSONText(bytes, mode: .lenient).members()` gives the
/// text of each member, and `compacted` writes one in the grid's form.
public struct JSONText: Sendable {
    private let bytes: [UInt8]
    private let range: Range<Int>
    private let mode: JSONMode
    private let limits: JSONLimits

    /// Checks that `bytes` hold one value and nothing else but white space.
    public init(_ bytes: [UInt8], mode: JSONMode = .strict, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = try JSONParser(bytes, mode: mode, limits: limits)
        parser.skipWhiteSpace()
        let start = parser.position
        _ = try parser.value(depth: 1)
        self.init(bytes: bytes, range: start..<parser.position, mode: mode, limits: limits)
        try parser.finish()
    }

    private init(bytes: [UInt8], range: Range<Int>, mode: JSONMode, limits: JSONLimits) {
        (self.bytes, self.range, self.mode, self.limits) = (bytes, range, mode, limits)
    }

    /// The text as it was received.
    public var received: [UInt8] { Array(bytes[range]) }

    /// Where the value lies in the bytes of the whole text.
    public var place: Range<Int> { range }

    /// Whether the value is `null`, an object or an array, told by its first byte.
    public var isNull: Bool { bytes[range.lowerBound] == UInt8(ascii: "n") }
    public var isObject: Bool { bytes[range.lowerBound] == UInt8(ascii: "{") }
    public var isArray: Bool { bytes[range.lowerBound] == UInt8(ascii: "[") }

    /// The value. Cannot fail, since the text was checked; parts of a text are read with the limits of the whole.
    public func value() throws(JSONError) -> JSONValue {
        var parser = try JSONParser(bytes, range: range, mode: mode, limits: limits)
        return try parser.value(depth: 1)
    }

    /// The members of an object in the order of the text, repeated ones included; fails with `kind` for anything else.
    public func members() throws(JSONError) -> [(key: String, text: JSONText)] {
        var parser = try JSONParser(bytes, range: range, mode: mode, limits: limits)
        var parts: [(key: String, text: JSONText)] = []
        try parser.eachMember(depth: 1) { (parser, key) throws(JSONError) in
            let start = parser.position
            _ = try parser.value(depth: 2)
            parts.append((key, part(start..<parser.position)))
        }
        return parts
    }

    /// The elements of an array; fails with `kind` for anything else.
    public func elements() throws(JSONError) -> [JSONText] {
        var parser = try JSONParser(bytes, range: range, mode: mode, limits: limits)
        var parts: [JSONText] = []
        try parser.eachElement(depth: 1) { (parser) throws(JSONError) in
            let start = parser.position
            _ = try parser.value(depth: 2)
            parts.append(part(start..<parser.position))
        }
        return parts
    }

    private func part(_ range: Range<Int>) -> JSONText {
        JSONText(bytes: bytes, range: range, mode: mode, limits: limits)
    }

    /// The text without insignificant white space and with the grid's escapes, otherwise as it was received
    /// (docs/spec/deployment.md section 2.2): escapes and numbers keep their spelling. Invalid bytes become U+FFFD.
    public var compacted: String {
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var position = range.lowerBound
        var quoted = false
        while position < range.upperBound {
            let byte = bytes[position]
            var length = 1
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: if quoted { output.append(byte) }
            case UInt8(ascii: "\""):
                quoted.toggle()
                output.append(byte)
            case UInt8(ascii: "\\"):
                length = 2
                output += bytes[position..<min(position + 2, range.upperBound)]
            case ..<0x80: JSONWriter.writeEscapedForGrid(byte, to: &output)
            default:
                length = UTF8Sequence.length(in: bytes, at: position, end: range.upperBound)
                JSONWriter.writeEscapedForGrid(bytes[position..<position + length], to: &output)
                length = max(length, 1)
            }
            position += length
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `compacted` of a whole text.
    public static func compacted(
        _ bytes: [UInt8], mode: JSONMode = .lenient, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> String {
        try JSONText(bytes, mode: mode, limits: limits).compacted
    }
}
