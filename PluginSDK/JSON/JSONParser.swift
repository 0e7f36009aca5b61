/// Reads JSON from bytes by the grammar of RFC 8259. Every index is checked against the end of the input.
struct JSONParser {
    let bytes: [UInt8]
    let end: Int
    let mode: JSONMode
    let limits: JSONLimits
    private(set) var position: Int

    init(_ bytes: [UInt8], mode: JSONMode, limits: JSONLimits) throws(JSONError) {
        try self.init(bytes, range: bytes.indices, mode: mode, limits: limits)
    }

    /// Reads only `range`, which must lie inside `bytes`.
    init(_ bytes: [UInt8], range: Range<Int>, mode: JSONMode, limits: JSONLimits) throws(JSONError) {
        guard range.count <= limits.maxBytes else {
            throw JSONError(.limit, "the JSON text has more than \(limits.maxBytes) bytes")
        }
        self.bytes = bytes
        self.mode = mode
        self.limits = limits
        end = range.upperBound
        position = range.lowerBound
        if bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) { throw fail(.encoding, "byte order mark") }
    }

    var current: UInt8? { position < end ? bytes[position] : nil }

    func fail(_ code: JSONError.Code, _ message: String) -> JSONError { JSONError(code, message, offset: position) }

    mutating func advance() { position += 1 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Fails unless only white space is left.
    mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        guard position == end else { throw fail(.trailing, "unexpected text after the JSON value") }
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        guard let byte = current else { throw fail(.syntax, "unexpected end of the JSON text") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw fail(.syntax, "expected a JSON value")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        var seen = KeySet()
        var members: [JSONMember] = []
        try eachMember(depth: depth) { (parser, key) throws(JSONError) in
            if parser.mode == .strict, !seen.insert(key, among: members) {
                throw parser.fail(.repeatedMember, "a member name occurs twice in one object")
            }
            members.append(JSONMember(key: key, value: try parser.value(depth: depth + 1)))
        }
        return JSONObject(members: members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        var values: [JSONValue] = []
        try eachElement(depth: depth) { (parser) throws(JSONError) in values.append(try parser.value(depth: depth + 1))
        }
        return values
    }

    /// Walks an object; `body` reads the value of each member.
    mutating func eachMember(
        depth: Int, _ body: (inout JSONParser, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard take(UInt8(ascii: "{")) else { throw fail(.kind, "expected an object") }
        try checkDepth(depth)
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipWhiteSpace()
            guard current == UInt8(ascii: "\"") else { throw fail(.syntax, "expected a member name") }
            let key = try string()
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw fail(.syntax, "expected ':' after a member name") }
            skipWhiteSpace()
            try body(&self, key)
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail(.syntax, "expected ',' or '}' in an object") }
        }
    }

    /// Walks an array; `body` reads each element.
    mutating func eachElement(depth: Int, _ body: (inout JSONParser) throws(JSONError) -> Void) throws(JSONError) {
        guard take(UInt8(ascii: "[")) else { throw fail(.kind, "expected an array") }
        try checkDepth(depth)
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            skipWhiteSpace()
            try body(&self)
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw fail(.syntax, "expected ',' or ']' in an array") }
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= limits.maxDepth else {
            throw fail(.limit, "objects and arrays are nested deeper than \(limits.maxDepth)")
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount {
            guard take(text.utf8Start[offset]) else { throw fail(.syntax, "expected a JSON value") }
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            advance()
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(uncheckedText: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { advance() }
        guard position > start else { throw fail(.syntax, "expected a digit") }
    }
}

/// The names of one object: compared in a row while they are few, hashed when they are many.
private struct KeySet {
    private static let few = 16
    private var hashed: Set<[UInt8]> = []

    mutating func insert(_ key: String, among members: [JSONMember]) -> Bool {
        if members.count < Self.few { return !members.contains { $0.key.utf8.elementsEqual(key.utf8) } }
        if members.count == Self.few { hashed = Set(members.map { Array($0.key.utf8) }) }
        return hashed.insert(Array(key.utf8)).inserted
    }
}
