import JSON

extension SchemaView {
    /// What the value must keep to, each in a few words: "at least 1", "matches ^[a-z]+$".
    var rules: [String] {
        var rules = Self.words.compactMap { keyword, words in
            self[keyword].map { "\(words) \($0.stringValue ?? $0.text)\(Self.unit(keyword))" }
        }
        if self["uniqueItems"]?.boolValue == true { rules.append("no element twice") }
        if self["additionalProperties"]?.boolValue == false, !members.isEmpty { rules.append("no other members") }
        if alternatives > 1 { rules.append("the first of \(alternatives) forms") }
        if let value = self["default"] { rules.append("default \(value.text)") }
        return rules
    }

    private static let words: [(String, String)] = [
        ("minimum", "at least"), ("maximum", "at most"), ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"), ("multipleOf", "a multiple of"), ("minLength", "at least"),
        ("maxLength", "at most"), ("pattern", "matches"), ("format", "written as"), ("minItems", "at least"),
        ("maxItems", "at most"), ("minProperties", "at least"), ("maxProperties", "at most"),
    ]

    private static func unit(_ keyword: String) -> String {
        switch keyword {
        case "minLength", "maxLength": " characters"
        case "minItems", "maxItems": " elements"
        case "minProperties", "maxProperties": " members"
        default: ""
        }
    }
}
