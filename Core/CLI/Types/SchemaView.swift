import JSON

/// One place of a JSON Schema as people read it: references are followed, the parts of `allOf` put together, and of
/// alternatives (`anyOf`, `oneOf`) the first one stands for all.
struct SchemaView {
    /// A member of an object.
    struct Member {
        let name: String
        let view: SchemaView
        let isRequired: Bool
    }

    /// The keywords that hold here, put together.
    let keywords: JSONObject
    /// How many alternatives there are; 1 unless the schema offers a choice.
    let alternatives: Int
    private let root: JSONValue

    /// References and combinations inside each other beyond this are left as they are: they lead in a circle.
    private static let longestChain = 16

    init(_ document: JSONValue) { self.init(document, root: document) }

    private init(_ schema: JSONValue, root: JSONValue) {
        var alternatives = 1
        keywords = Self.merged(schema, root: root, chain: 0, alternatives: &alternatives)
        self.alternatives = alternatives
        self.root = root
    }

    subscript(keyword: String) -> JSONValue? { keywords[keyword] }

    /// The types that are allowed, `null` last; empty if any is.
    var types: [String] {
        let named = self["type"]?.stringValue.map { [$0] } ?? (self["type"]?.arrayValue ?? []).compactMap(\.stringValue)
        if named.isEmpty, keywords["properties"] != nil { return ["object"] }
        return named.filter { $0 != "null" } + named.filter { $0 == "null" }
    }

    /// What it is for. Without a full stop at the end: more follows it in a line.
    var description: String? {
        guard let text = self["description"]?.stringValue ?? self["title"]?.stringValue else { return nil }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    var members: [Member] {
        let required = (self["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        return (self["properties"]?.objectValue?.members ?? []).map { member in
            Member(
                name: member.key, view: SchemaView(member.value, root: root),
                isRequired: required.contains { $0.utf8.elementsEqual(member.key.utf8) })
        }
    }

    /// What each element of a list is.
    var element: SchemaView? {
        guard let schema = self["prefixItems"]?.arrayValue?.first ?? self["items"] else { return nil }
        return schema.objectValue == nil ? nil : SchemaView(schema, root: root)
    }

    /// What each value of an object with free names is.
    var anyMember: SchemaView? {
        guard let schema = self["additionalProperties"], schema.objectValue != nil else { return nil }
        return SchemaView(schema, root: root)
    }

    /// Kind in one word or a few: `text`, `list of integer`, `"a" | "b"`.
    var kind: String {
        if let constant = self["const"] { return constant.text }
        if let values = self["enum"]?.arrayValue { return values.map(\.text).joined(separator: " | ") }
        let names = types.map { name in
            guard name == "array", let element else { return name == "string" ? "text" : name }
            return "list of \(element.kind)"
        }
        return names.isEmpty ? "any" : names.joined(separator: " or ")
    }

    // MARK: - Putting together

    private static func merged(_ schema: JSONValue, root: JSONValue, chain: Int, alternatives: inout Int) -> JSONObject
    {
        guard var own = schema.objectValue else { return [:] }
        guard chain < longestChain else { return own }
        var parts: [JSONValue] = []
        if let reference = own["$ref"]?.stringValue { parts += target(of: reference, in: root).map { [$0] } ?? [] }
        parts += own["allOf"]?.arrayValue ?? []
        for choice in ["oneOf", "anyOf"] {
            guard let options = own[choice]?.arrayValue, let first = options.first else { continue }
            alternatives = max(alternatives, options.count)
            parts.append(first)
        }
        for part in parts {
            own = union(own, merged(part, root: root, chain: chain + 1, alternatives: &alternatives))
        }
        return own
    }

    /// `own` decides where both speak, except for lists of members, which are joined.
    private static func union(_ own: JSONObject, _ other: JSONObject) -> JSONObject {
        var result = own
        for member in other.members {
            switch (member.key, result[member.key]) {
            case (_, nil): result[member.key] = member.value
            case ("required", .array(let names)?):
                result["required"] = .array(names + (member.value.arrayValue ?? []).filter { !names.contains($0) })
            case ("properties", .object(let properties)?):
                result["properties"] = .object(union(properties, member.value.objectValue ?? [:]))
            default: break
            }
        }
        return result
    }

    private static func target(of reference: String, in root: JSONValue) -> JSONValue? {
        if reference == "#" { return root }
        guard reference.hasPrefix("#/") else { return nil }
        var found = root
        for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let key = step.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = found[String(key)] ?? Int(key).flatMap({ found[$0] }) else { return nil }
            found = next
        }
        return found
    }
}
