import JSON
import Schema
import TestVectors
import Testing

@Suite("JSON Schema test suite")
struct SchemaSuiteTests {
    /// What docs/schema.md lists as refused. A case that is refused for another reason fails.
    static let unsupported: [String: Set<String>] = [
        "$dynamicRef": ["dynamicRef.json", "unevaluatedItems.json", "unevaluatedProperties.json"],
        "$dynamicAnchor": ["dynamicRef.json", "unevaluatedItems.json", "unevaluatedProperties.json"],
        "$id": ["anchor.json", "ref.json", "refRemote.json", "dynamicRef.json"],
        "$ref": ["anchor.json", "defs.json", "ref.json", "refRemote.json", "dynamicRef.json", "unevaluatedItems.json"],
        "$schema": ["vocabulary.json"],
    ]

    @Test(
        "every test of supported keywords passes",
        arguments: try VectorFile.names(in: "json-schema-2020-12").filter { $0.hasSuffix(".json") })
    func file(_ name: String) throws {
        let cases = try JSONValue(parsing: try VectorFile.bytes("json-schema-2020-12/\(name)")).arrayValue ?? []
        #expect(!cases.isEmpty)
        for entry in cases {
            let title = entry["description"]?.stringValue ?? ""
            let document = try #require(entry["schema"])
            let schema: Schema
            do {
                schema = try Schema(compiling: document)
            } catch {
                let isListed = Self.unsupported[error.keyword]?.contains(name) == true && error.code == .unsupported
                #expect(isListed, "\(title): \(error)")
                continue
            }
            for test in entry["tests"]?.arrayValue ?? [] {
                let violations = schema.validate(try #require(test["data"]))
                let message = "\(title): \(test["description"]?.stringValue ?? ""): \(violations)"
                #expect(violations.isEmpty == test["valid"]?.boolValue, "\(message)")
            }
        }
    }
}
