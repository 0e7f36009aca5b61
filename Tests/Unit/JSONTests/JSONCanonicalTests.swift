import JSON
import TestVectors
import Testing

@Suite("Canonical JSON")
struct JSONCanonicalTests {
    @Test("the suite of RFC 8785", arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func suite(_ name: String) throws {
        let input = try VectorFile.bytes("jcs-rfc8785/input/\(name).json")
        let output = try VectorFile.bytes("jcs-rfc8785/output/\(name).json")
        #expect(Array(try JSONValue(parsing: input).canonicalText().utf8) == output)
    }

    @Test(
        "numbers are written as ECMAScript does",
        arguments: [
            ("-0", "0"), ("1.0", "1"), ("1E3", "1000"), ("0.1", "0.1"), ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("123456.789e-3", "123.456789"), ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"), ("-1.5e-10", "-1.5e-10"), ("-0.0", "0"),
            ("1e-400", "0"),
            ("9007199254740991", "9007199254740991"), ("9007199254740993.0", "9007199254740992"),
            ("333333333.33333329", "333333333.3333333"), ("1e23", "1e+23"), ("4.5", "4.5"), ("2e-3", "0.002"),
        ])
    func numbers(_ text: String, _ expected: String) throws {
        #expect(try JSONValue(parsing: text).canonicalText() == expected)
    }

    @Test(
        "numbers without an exact form are refused",
        arguments: ["9007199254740992", "-9007199254740992", "18446744073709551615", "1e309", "1e999999999"])
    func refused(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(throws: JSONError.self) { try value.canonicalText() }
    }

    @Test("members are ordered by UTF-16, not by UTF-8")
    func order() throws {
        #expect(try JSONValue(parsing: "{\"\u{FF61}\":1,\"😀\":2}").canonicalText() == "{\"😀\":2,\"\u{FF61}\":1}")
    }

    @Test("the order of members is that of their UTF-16 units, whatever they are")
    func orderOfMany() throws {
        let names = [
            "", "a", "ab", "b", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
            "\u{10000}",
            "\u{10FFFF}", "a\u{E000}", "a\u{10000}", "\u{10000}a", "\u{FFFF}a", "\u{EFFF}\u{10000}", "\u{EFFF}\u{F000}",
        ]
        let object = JSONObject(members: names.map { JSONMember(key: $0, value: .null) })
        let expected = names.sorted { Array($0.utf16).lexicographicallyPrecedes(Array($1.utf16)) }
        let written = try JSONValue(parsing: try JSONValue.object(object).canonicalText())
        #expect(written.objectValue?.keys.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test("repeated members have no canonical form")
    func repeated() throws {
        let value = try JSONValue(parsing: "{\"a\":1,\"a\":1}", mode: .lenient)
        #expect(throws: JSONError.self) { try value.canonicalText() }
    }
}
