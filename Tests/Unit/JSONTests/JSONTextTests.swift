import JSON
import Testing

@Suite("JSON text")
struct JSONTextTests {
    @Test("the writer escapes as the grid does")
    func escapes() {
        let value: JSONValue = .string("<a&b>\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}\u{2029}é€😀\u{201c}")
        #expect(
            value.text
                == "\"\\u003ca\\u0026b\\u003e\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u{7f}\\u2028\\u2029é€😀\u{201c}\"")
    }

    @Test("compacting keeps spellings and drops white space outside of strings")
    func compacted() throws {
        let text = " { \"a\\u0041\" : [ 1.00 , \"x y<\\\"\u{2028}>\\/\" ] ,\n\"a\\u0041\":1E5}"
        #expect(
            try JSONText.compacted(Array(text.utf8))
                == "{\"a\\u0041\":[1.00,\"x y\\u003c\\\"\\u2028\\u003e\\/\"],\"a\\u0041\":1E5}")
        #expect(try JSONText.compacted([0x22, 0xE2, 0x82, 0x22]) == "\"\u{FFFD}\u{FFFD}\"")
        #expect(throws: JSONError.self) { try JSONText.compacted(Array("{} x".utf8)) }
    }

    @Test("the text of members and elements can be taken out as it was received")
    func parts() throws {
        let text = try JSONText(Array("{\"list\" : [ {\"data\": { \"a\" : 1e2 }} , 2 ]}".utf8))
        let list = try #require(try text.members().first)
        #expect(list.key == "list")
        let elements = try list.text.elements()
        #expect(elements.count == 2)
        let data = try #require(try elements[0].members().first)
        #expect(String(decoding: data.text.received, as: UTF8.self) == "{ \"a\" : 1e2 }")
        #expect(data.text.compacted == "{\"a\":1e2}")
        #expect(try data.text.value()["a"]?.numberValue?.text == "1e2")
        #expect(throws: JSONError.self) { try elements[1].members() }
    }

    @Test("names fold as the grid folds them")
    func folding() throws {
        let object = try #require(try JSONValue(parsing: "{\"Wor\u{212A}load\u{17F}\":1,\"É\":2}").objectValue)
        #expect(object.folded("WORKLOADS") == 1)
        #expect(object.folded("é") == nil)
    }
}
