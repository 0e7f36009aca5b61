import JSON
import Schema
import Testing

@Suite("Schema")
struct SchemaTests {
    private func violations(_ schema: String, _ value: String) throws -> [SchemaViolation] {
        try Schema(compiling: try JSONValue(parsing: schema)).validate(try JSONValue(parsing: value))
    }

    private func refusal(_ schema: String) throws -> SchemaError? {
        let document = try JSONValue(parsing: schema)
        return #expect(throws: SchemaError.self) { try Schema(compiling: document) }
    }

    @Test("violations name path and rule, and nothing of the value")
    func messages() throws {
        let schema = """
            {"type":"object","properties":{"a/b":{"items":{"type":"string","maxLength":3}},"size":{"minimum":1}},
             "required":["size"],"additionalProperties":false}
            """
        let found = try violations(schema, #"{"a/b":["abc",7,"secret"],"x":1}"#)
        #expect(
            found.map(\.description) == [
                "the value must have the member \"size\" (required)", "/a~1b/1 must be of type string (type)",
                "/a~1b/2 must have at most 3 characters (maxLength)", "/x is not allowed (false)",
            ])
    }

    @Test(
        "what is not supported is refused with keyword and place",
        arguments: [
            (##"{"properties":{"a":{"$dynamicRef":"#x"}}}"##, "$dynamicRef", "/properties/a"),
            (#"{"$vocabulary":{}}"#, "$vocabulary", ""), (#"{"definitions":{}}"#, "definitions", ""),
            (#"{"$ref":"other.json"}"#, "$ref", ""), (#"{"items":{"$id":"x"}}"#, "$id", "/items"),
            (##"{"$schema":"http://json-schema.org/draft-07/schema#"}"##, "$schema", ""),
            (#"{"allOf":[{"minimun":1}]}"#, "minimun", "/allOf/0"),
        ])
    func unsupported(_ schema: String, _ keyword: String, _ path: String) throws {
        let error = try refusal(schema)
        #expect(error?.code == .unsupported)
        #expect(error?.keyword == keyword)
        #expect(error?.path == path)
    }

    @Test(
        "keywords with values that they do not have are refused",
        arguments: [
            "1", #"{"type":"text"}"#, #"{"type":[]}"#, #"{"minLength":-1}"#, #"{"minLength":1.5}"#,
            #"{"multipleOf":0}"#,
            #"{"multipleOf":-1}"#, #"{"allOf":[]}"#, #"{"required":"a"}"#, #"{"required":["a","a"]}"#,
            #"{"items":[true]}"#,
            #"{"enum":1}"#, #"{"properties":{"a":1}}"#, #"{"uniqueItems":1}"#,
            #"{"$anchor":"a","$defs":{"x":{"$anchor":"a"}}}"#,
        ])
    func invalid(_ schema: String) throws {
        #expect(try refusal(schema)?.code == .invalid)
    }

    @Test(
        "references that lead nowhere or round in a circle are refused",
        arguments: [
            ##"{"$ref":"#"}"##,
            ##"{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}}}"##,
            ##"{"$ref":"#/$defs/none"}"##, ##"{"$ref":"#none"}"##,
            ##"{"const":{"a":true},"not":{"$ref":"#/const/a"}}"##,
            ##"{"$ref":"#/%zz"}"##,
        ])
    func badReferences(_ schema: String) throws {
        #expect(try refusal(schema)?.code == .badReference)
    }

    @Test(
        "numbers are compared exactly, whatever their size",
        arguments: [
            (#"{"maximum":18446744073709551615}"#, "18446744073709551616", false),
            (#"{"maximum":18446744073709551615}"#, "18446744073709551615", true),
            (#"{"maximum":9007199254740992}"#, "9007199254740993", false),
            (#"{"const":9007199254740993}"#, "9007199254740992", false), (#"{"const":1}"#, "1.0", true),
            (#"{"const":100}"#, "1e2", true), (#"{"const":0}"#, "-0.0", true),
            (#"{"enum":[{"a":[1.0]}]}"#, #"{"a":[1]}"#, true),
            (#"{"type":"integer"}"#, "1.50e1", true), (#"{"type":"integer"}"#, "1.5", false),
            (#"{"type":"integer"}"#, "1e999999999999999999999", true), (#"{"maximum":5}"#, "1e999999999", false),
            (#"{"minimum":5}"#, "-1e999999999", false), (#"{"exclusiveMinimum":0}"#, "1e-999999999", true),
            (#"{"multipleOf":0.01}"#, "19.99", true), (#"{"multipleOf":0.01}"#, "19.999", false),
            (#"{"multipleOf":7}"#, "1e999999999", false), (#"{"multipleOf":1e-999999999}"#, "3", true),
            (#"{"multipleOf":4194304}"#, "18446744073705357312", true), (#"{"minimum":-0.5}"#, "-0.50001", false),
        ])
    func numbers(_ schema: String, _ value: String, _ isValid: Bool) throws {
        #expect(try violations(schema, value).isEmpty == isValid)
    }

    @Test("an evaluation that branches without end is given up")
    func budget() throws {
        // Each level doubles the work: 2^40 without a budget.
        var schema = #"{"type":"null"}"#
        for _ in 0..<40 { schema = #"{"anyOf":[{"items":\#(schema)}]}"# }
        var doubling = ##"{"$defs":{"d40":{"type":"null"}"##
        for level in 0..<40 {
            doubling +=
                ##","d\##(level)":{"anyOf":[{"$ref":"#/$defs/d\##(level + 1)"},{"$ref":"#/$defs/d\##(level + 1)"}]}"##
        }
        doubling += ##"},"$ref":"#/$defs/d0"}"##
        let compiled = try Schema(compiling: try JSONValue(parsing: doubling))
        #expect(compiled.validate(1, limits: SchemaLimits(steps: 200_000)).map(\.rule) == ["limit"])
        #expect(try Schema(compiling: try JSONValue(parsing: schema)).validate(1).isEmpty)
    }

    @Test("deep values and long chains of references are bounded")
    func depth() throws {
        let list = try Schema(compiling: try JSONValue(parsing: ##"{"items":{"allOf":[{"$ref":"#"}]}}"##))
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(list.validate(try JSONValue(parsing: deep)).isEmpty)
        var chain = ##"{"$defs":{"c2000":true"##
        for level in 0..<2000 { chain += ##","c\##(level)":{"$ref":"#/$defs/c\##(level + 1)"}"## }
        let compiled = try Schema(compiling: try JSONValue(parsing: chain + ##"},"$ref":"#/$defs/c0"}"##))
        #expect(compiled.validate(1).map(\.rule) == ["limit"])
        let nested = String(repeating: #"{"not":"#, count: 120) + "true" + String(repeating: "}", count: 120)
        #expect(try violations(nested, "1").isEmpty)
        var big = JSONValue.bool(true)
        for _ in 0..<200 { big = ["not": big] }
        #expect(throws: SchemaError.self) { try Schema(compiling: big) }
    }

    @Test("lengths count characters of Unicode, names compare by bytes")
    func unicode() throws {
        #expect(try violations(#"{"maxLength":1}"#, "\"😀\"").isEmpty)
        #expect(try violations(#"{"maxLength":1}"#, "\"e\u{301}\"").isEmpty == false)
        #expect(try violations("{\"required\":[\"\u{e9}\"]}", "{\"e\u{301}\":1}").isEmpty == false)
    }
}
