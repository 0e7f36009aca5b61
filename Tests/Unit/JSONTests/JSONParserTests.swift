import JSON
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    private func code(_ text: String, _ mode: JSONMode = .strict) -> JSONError.Code? {
        code(Array(text.utf8), mode)
    }

    private func code(_ bytes: [UInt8], _ mode: JSONMode = .strict) -> JSONError.Code? {
        do {
            _ = try JSONValue(parsing: bytes, mode: mode)
            return nil
        } catch { return error.code }
    }

    @Test("values of every kind are read, in order and as spelled")
    func kinds() throws {
        let value = try JSONValue(parsing: " {\"b\":[1,-0.50e+3,true,false,null],\"a\":{\"x\":\"\\u00e9\\n\\/\"}}\n")
        #expect(value.text == "{\"b\":[1,-0.50e+3,true,false,null],\"a\":{\"x\":\"é\\n/\"}}")
    }

    @Test(
        "broken texts are syntax errors",
        arguments: [
            "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "\"a", "\"\\x\"",
            "\"\\u12g4\"", "\"\\u12", "\"a\nb\"", "-", "+1", "1.", ".5", "1e", "1e+", "NaN", "Infinity", "tru",
            "nul", "[", "[[", "\u{0}", "\"\\",
        ])
    func syntax(_ text: String) {
        #expect(code(text) == .syntax)
        #expect(code(text, .lenient) == .syntax)
    }

    @Test("nothing may follow the value", arguments: ["01", "0x1", "truefalse", "{} {}", "1 x", "\"a\"b"])
    func trailing(_ text: String) {
        #expect(code(text) == .trailing)
        #expect(code(text, .lenient) == .trailing)
    }

    @Test("strict mode refuses what other parsers could read in another way")
    func strict() {
        #expect(code([0x22, 0xFF, 0x22]) == .encoding)
        #expect(code([0x22, 0xC0, 0x80, 0x22]) == .encoding)
        #expect(code([0x22, 0xED, 0xA0, 0x80, 0x22]) == .encoding)
        #expect(code([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22]) == .encoding)
        #expect(code([0x22, 0xE2, 0x82]) == .encoding)
        #expect(code([0xEF, 0xBB, 0xBF, 0x31]) == .encoding)
        #expect(code("\"\\ud800\"") == .encoding)
        #expect(code("\"\\udc00\\ud800\"") == .encoding)
        #expect(code("{\"a\":{\"b\":1,\"\\u0062\":2}}") == .repeatedMember)
        #expect(code("{\"é\":1,\"e\u{301}\":2}") == nil)
    }

    @Test("repeated members are found among many")
    func repeatedAmongMany() {
        let names = (0..<1000).map { "\"k\($0)\":0" }
        #expect(code("{" + names.joined(separator: ",") + "}") == nil)
        #expect(code("{" + (names + ["\"k7\":1"]).joined(separator: ",") + "}") == .repeatedMember)
    }

    @Test("lenient mode replaces each invalid byte and each unpaired surrogate by one U+FFFD")
    func lenient() throws {
        func read(_ bytes: [UInt8]) throws -> String? {
            try JSONValue(parsing: [0x22] + bytes + [0x22], mode: .lenient).stringValue
        }
        #expect(try read([0xFF]) == "\u{FFFD}")
        #expect(try read([0xE2, 0x82, 0x41]) == "\u{FFFD}\u{FFFD}A")
        #expect(try read([0xED, 0xA0, 0x80]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(try read(Array("\\ud800x".utf8)) == "\u{FFFD}x")
        #expect(try read(Array("\\ud83d\\ud83d\\ude00".utf8)) == "\u{FFFD}😀")
        #expect(try read(Array("\\udc00\\u0041".utf8)) == "\u{FFFD}A")
        #expect(code([0xFF], .lenient) == .syntax)
        #expect(code([0xEF, 0xBB, 0xBF, 0x31], .lenient) == .encoding)
        let repeated = try JSONValue(parsing: "{\"a\":1,\"a\":2}", mode: .lenient)
        #expect(repeated["a"] == 2)
        #expect(repeated.objectValue?.count == 2)
    }

    @Test("size and nesting are limited, the root counting 1")
    func limits() throws {
        let limits = JSONLimits(maxBytes: 20, maxDepth: 3)
        #expect(throws: Never.self) { try JSONValue(parsing: "[[[0]]]", limits: limits) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[[[[0]]]]", limits: limits) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "\"0123456789012345678\"", limits: limits) }
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep, limits: JSONLimits(maxDepth: .max)) }
    }

    @Test("the first value of a text can be read alone")
    func first() throws {
        let (value, end) = try JSONValue.parsingFirst(of: Array(" {\"a\":1} {\"b\":".utf8))
        #expect(value == ["a": 1])
        #expect(end == 8)
    }

    @Test("errors say where")
    func offset() {
        #expect(throws: JSONError(.syntax, "expected a JSON value", offset: 3)) { try JSONValue(parsing: "[1,x]") }
    }

    @Test("64-bit integers stay exact")
    func integers() throws {
        let value = try JSONValue(parsing: "[18446744073709551615,-9223372036854775808,18446744073709551616,1.0]")
        #expect(value[0]?.uint64Value == .max)
        #expect(value[1]?.int64Value == .min)
        #expect(value[2]?.uint64Value == nil)
        #expect(value[3]?.int64Value == nil)
    }

    @Test("random bytes never crash the parser")
    func fuzz() throws {
        var seed = SplitMix(state: 0x5EED)
        let alphabet = Array("{}[]\",:\\u0d8e1-.tfn \u{e9}".utf8) + [0xFF, 0xE2, 0xED, 0x00]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &seed)).map { _ in alphabet.randomElement(using: &seed) ?? 0
            }
            for mode in [JSONMode.strict, .lenient] {
                guard let value = try? JSONValue(parsing: bytes, mode: mode) else { continue }
                let again = try JSONValue(parsing: value.text, mode: mode)
                #expect(again == value)
                _ = try JSONText.compacted(bytes)
            }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
