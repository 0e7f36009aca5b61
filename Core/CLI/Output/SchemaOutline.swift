import JSON

/// A JSON Schema as a list of members for people: name, kind, whether it must be there, what it is for.
struct SchemaOutline {
    let lines: [String]
    private static let deepest = 12

    init(_ schema: JSONValue) {
        var rows: [[String]] = []
        Self.walk(schema, root: schema, indent: 1, depth: 0, &rows)
        lines = rows.isEmpty ? ["  any data"] : Output.table(rows).split(separator: "\n").map(String.init)
    }

    private static func walk(_ schema: JSONValue, root: JSONValue, indent: Int, depth: Int, _ rows: inout [[String]]) {
        guard depth < deepest else { return }
        let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        for member in schema["properties"]?.objectValue?.members ?? [] {
            let part = resolved(member.value, root)
            let isRequired = required.contains { $0.utf8.elementsEqual(member.key.utf8) }
            let name = String(repeating: "  ", count: indent) + member.key
            rows.append([name, kind(part, root), isRequired ? "required" : "optional", note(part)])
            let inner = resolved(part["items"] ?? part, root)
            walk(inner, root: root, indent: indent + 1, depth: depth + 1, &rows)
        }
    }

    private static func kind(_ schema: JSONValue, _ root: JSONValue) -> String {
        if let values = schema["enum"]?.arrayValue { return values.map(\.text).joined(separator: "|") }
        let name =
            schema["type"]?.stringValue
            ?? (schema["type"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: "|")
        guard name == "array", let items = schema["items"] else { return name.isEmpty ? "any" : name }
        return "list of \(kind(resolved(items, root), root))"
    }

    private static func note(_ schema: JSONValue) -> String {
        var parts = [schema["description"]?.stringValue ?? schema["title"]?.stringValue ?? ""]
        for (key, word) in [
            ("minimum", "at least"), ("maximum", "at most"), ("pattern", "matches"), ("default", "default"),
        ] {
            if let value = schema[key] { parts.append("\(word) \(value.stringValue ?? value.text)") }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// Follows a reference inside the document.
    private static func resolved(_ schema: JSONValue, _ root: JSONValue) -> JSONValue {
        guard let reference = schema["$ref"]?.stringValue, reference.hasPrefix("#/") else { return schema }
        var found = root
        for step in reference.dropFirst(2).split(separator: "/") {
            let key = step.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = found[String(key)] else { return schema }
            found = next
        }
        return found
    }
}
