import JSON
import Schema

/// A file of the JSON Schema test suite.
struct SchemaVectors {
    var tally: VectorTally

    mutating func run(_ group: JSONValue) {
        let title = group["description"]?.stringValue ?? "without description"
        let tests = group["tests"]?.arrayValue ?? []
        let schema: Schema
        do throws(SchemaError) {
            schema = try Schema(compiling: group["schema"] ?? .null)
        } catch {
            for _ in tests {
                if error.code == .unsupported {
                    tally.skip(
                        "keyword \(error.keyword)", because: "packages that use it so are refused: \(error.message)")
                } else {
                    tally.fail(title, "schema", error)
                }
            }
            return
        }
        for test in tests {
            let violations = schema.validate(test["data"] ?? .null)
            tally.check(
                "\(title): \(test["description"]?.stringValue ?? "")", "validity",
                expected: test["valid"]?.boolValue ?? false, got: violations.isEmpty)
        }
    }
}
