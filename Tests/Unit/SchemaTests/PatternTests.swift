import JSON
import Schema
import Testing

@Suite("Patterns")
struct PatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        try Schema(compiling: ["pattern": .string(pattern)]).validate(.string(text)).isEmpty
    }

    @Test(
        "the syntax of ECMA-262",
        arguments: [
            ("^a+$", "aaa", true), ("^a+$", "aab", false), ("b", "abc", true), ("^$", "", true), ("^a?b$", "b", true),
            ("^(a|bc)*d$", "abcbcad", true), ("^(a|bc)*d$", "abcbad", false), ("^a{2,3}$", "aaaa", false),
            ("^a{2,3}$", "aaa", true), ("^a{2,}$", "aaaaa", true), ("^a{0}$", "", true), ("^(?:a|b){2}$", "ba", true),
            ("^(?<year>\\d{4})$", "2024", true), ("^\\d+$", "٣", false), ("^\\w+$", "a_9", true),
            ("^\\s$", "\u{A0}", true),
            ("^\\S+$", "a b", false), ("^[^a-c]$", "d", true), ("^[^a-c]$", "b", false), ("^[\\d.-]+$", "1.2-3", true),
            ("^[a\\]]$", "]", true), ("^[\\w-]+$", "a-b", true), ("^.$", "😀", true), ("^.$", "\n", false),
            ("^\\u0041\\x42\\u{1F600}$", "AB😀", true), ("^\\uD83D\\uDE00$", "😀", true), ("^\\p{L}+$", "aβÉ", true),
            ("^\\p{Lu}$", "a", false), ("^\\P{L}+$", "12", true), ("^[\\p{Nd}x]+$", "٣x", true),
            ("\\bfoo\\b", "a foo.", true),
            ("\\bfoo\\b", "afoo", false), ("foo\\B", "food", true), ("^a*?b$", "aab", true), ("^()*$", "", true),
            ("^(a*)*$", "aaa", true), ("^\\cJ\\0$", "\n\0", true), ("^[]$", "a", false), ("^[^]$", "a", true),
            ("^(|a)$", "a", true), ("a|b|", "c", true), ("^é$", "e\u{301}", false), ("\\/", "/", true),
        ])
    func syntax(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(
        "what cannot run in linear time, and what is no pattern, is refused when the schema is compiled",
        arguments: [
            "(a)\\1", "\\k<a>", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(", ")", "a**", "*", "a{2,1}", "a{1001}",
            "[b-a]",
            "[", "a{,2}", "}", "]", "\\", "\\a", "\\x1", "\\u12", "\\u{110000}", "\\p{Script=Greek}", "\\p{", "(?i)a",
            "\\01",
            "(?<a", "^*", "((a{100}){100}){100}", "(((){1000}){1000}){1000}", String(repeating: "a", count: 5000),
            String(repeating: "(", count: 1000),
        ])
    func refused(_ pattern: String) throws {
        let error = #expect(throws: SchemaError.self) { try Schema(compiling: ["pattern": .string(pattern)]) }
        #expect(error?.code == .badPattern)
    }

    @Test(
        "a hostile pattern takes time linear in the text",
        arguments: ["(a+)+$", "^(a|a)*$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func hostile(_ pattern: String) throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        // The budget is the measure: exponential time would need far more than 50 steps per character.
        let schema = try Schema(compiling: ["pattern": .string(pattern)])
        let violations = schema.validate(.string(text), limits: SchemaLimits(steps: text.utf8.count * 50))
        #expect(violations.map(\.rule) == ["pattern"])
    }

    @Test("a pattern that needs too many steps is given up and the value refused")
    func budget() throws {
        let schema = try Schema(compiling: ["pattern": "^(x{0,40}){0,40}$"])
        let text = JSONValue.string(String(repeating: "x", count: 100_000) + "!")
        #expect(schema.validate(text, limits: SchemaLimits(steps: 100_000)).map(\.rule) == ["limit"])
    }
}
