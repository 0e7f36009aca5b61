import JSON

/// Reads the keywords of one schema object. Whatever it does not know is refused: a rule that is silently
/// left out would be a hole.
struct SchemaKeywords {
    /// Keywords that say nothing about validity here. `format` and `content…` are annotations in 2020-12.
    private static let annotations: Set<String> = [
        "$comment", "title", "description", "default", "examples", "deprecated", "readOnly",
        "writeOnly", "format",
        "contentEncoding", "contentMediaType", "contentSchema",
    ]
    /// Read together with another keyword.
    private static let companions: Set<String> = [
        "then", "else", "minContains", "maxContains", "prefixItems", "patternProperties",
        "additionalProperties",
    ]

    let object: JSONObject
    let path: String
    let node: Int
    let nesting: Int
    /// Rules that stand for a reference until all schemas are known.
    private(set) var references: [(rule: Int, target: String)] = []
    private var collected: [SchemaRule] = []
    /// The rules that ask what others have evaluated, and so come last.
    private var last: [SchemaRule] = []

    init(_ object: JSONObject, path: String, node: Int, nesting: Int) {
        (self.object, self.path, self.node, self.nesting) = (object, path, node, nesting)
    }

    mutating func rules(_ compiler: inout SchemaCompiler) throws(SchemaError) -> [SchemaRule] {
        var seen: Set<[UInt8]> = []
        for member in object.members {
            guard seen.insert(Array(member.key.utf8)).inserted else {
                throw SchemaError(.invalid, path, member.key, "the keyword is given twice")
            }
            try read(member.key, member.value, &compiler)
        }
        try readItems(&compiler)
        try readMembers(&compiler)
        if let condition = object["if"] {
            let node = try child(condition, "if", &compiler)
            let then = try optionalChild("then", &compiler)
            let otherwise = try optionalChild("else", &compiler)
            collected.append(.conditional(node, then: then, else: otherwise))
        } else {
            _ = try optionalChild("then", &compiler)
            _ = try optionalChild("else", &compiler)
        }
        return collected + last
    }

    private mutating func read(
        _ keyword: String, _ value: JSONValue, _ compiler: inout SchemaCompiler
    ) throws(SchemaError) {
        switch keyword {
        case "$schema": try readDraft(value)
        case "$id": try readIdentifier(value)
        case "$anchor": try compiler.addAnchor(try string(value, keyword), node: node, at: path)
        case "$ref":
            references.append((collected.count, try string(value, keyword)))
            collected.append(.nothing)
        case "$defs":
            for member in try members(value, keyword) {
                _ = try compiler.compile(member.value, at: place(keyword, member.key), nesting: nesting)
            }
        case "type": collected.append(.types(try types(value)))
        case "enum":
            collected.append(
                .values(Set(try array(value, keyword).map(NormalForm.bytes)), keyword: keyword))
        case "const": collected.append(.values([NormalForm.bytes(of: value)], keyword: keyword))
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
            collected.append(try numberRule(keyword, value))
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            collected.append(try countRule(keyword, value))
        case "pattern":
            collected.append(
                .pattern(try compiler.pattern(try string(value, keyword), at: path, keyword)))
        case "contains": collected.append(try containsRule(value, &compiler))
        case "uniqueItems":
            guard let isUnique = value.boolValue else { throw wrong(keyword, "true or false") }
            if isUnique { collected.append(.uniqueItems) }
        case "propertyNames": collected.append(.propertyNames(try child(value, keyword, &compiler)))
        case "required": collected.append(.required(try names(value, keyword)))
        case "dependentRequired":
            var rules: [([UInt8], [[UInt8]])] = []
            for member in try members(value, keyword) {
                rules.append((Array(member.key.utf8), try names(member.value, keyword)))
            }
            collected.append(.dependentRequired(rules))
        case "dependentSchemas":
            collected.append(.dependentSchemas(try children(ofMembers: value, keyword, &compiler)))
        case "allOf": collected.append(.allOf(try children(value, keyword, &compiler)))
        case "anyOf": collected.append(.anyOf(try children(value, keyword, &compiler)))
        case "oneOf": collected.append(.oneOf(try children(value, keyword, &compiler)))
        case "not": collected.append(.not(try child(value, keyword, &compiler)))
        case "unevaluatedItems", "unevaluatedProperties":
            compiler.tracksEvaluation = true
            let node = try child(value, keyword, &compiler)
            last.append(
                keyword == "unevaluatedItems" ? .unevaluatedItems(node) : .unevaluatedProperties(node))
        case "if", "items", "properties": break
        default:
            guard Self.annotations.contains(keyword) || Self.companions.contains(keyword) else {
                throw SchemaError(.unsupported, path, keyword, "this keyword is not supported")
            }
        }
    }

    private func readDraft(_ value: JSONValue) throws(SchemaError) {
        let text = try string(value, "$schema")
        guard path.isEmpty, text == SchemaCompiler.draft || text == SchemaCompiler.draft + "#" else {
            throw SchemaError(
                .unsupported, path, "$schema", "only \(SchemaCompiler.draft), and only at the root")
        }
    }

    private func readIdentifier(_ value: JSONValue) throws(SchemaError) {
        guard path.isEmpty else {
            throw SchemaError(
                .unsupported, path, "$id", "only the root of the document may have an identifier")
        }
        guard !(try string(value, "$id").contains("#")) else {
            throw wrong("$id", "a URI without fragment")
        }
    }

    private mutating func readItems(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        guard object["items"] != nil || object["prefixItems"] != nil else {
            return
        }
        let prefix: [Int] =
            if let value = object["prefixItems"] { try children(value, "prefixItems", &compiler) } else {
                []
            }
        collected.append(.items(prefix: prefix, rest: try optionalChild("items", &compiler)))
    }

    private mutating func readMembers(_ compiler: inout SchemaCompiler) throws(SchemaError) {
        var rule = MemberRule()
        if let value = object["properties"] {
            for (name, node) in try children(ofMembers: value, "properties", &compiler) {
                rule.named[name] = node
            }
        }
        if let value = object["patternProperties"] {
            for (text, node) in try children(ofMembers: value, "patternProperties", &compiler) {
                let pattern = try compiler.pattern(
                    String(decoding: text, as: UTF8.self), at: path, "patternProperties")
                rule.patterns.append((pattern, node))
            }
        }
        rule.additional = try optionalChild("additionalProperties", &compiler)
        guard !rule.named.isEmpty || !rule.patterns.isEmpty || rule.additional != nil else { return }
        collected.append(.members(rule))
    }

    private mutating func containsRule(
        _ value: JSONValue, _ compiler: inout SchemaCompiler
    ) throws(SchemaError) -> SchemaRule {
        let least: Int? =
            if let value = object["minContains"] { try count(value, "minContains") } else { nil }
        let most: Int? =
            if let value = object["maxContains"] { try count(value, "maxContains") } else { nil }
        return .contains(try child(value, "contains", &compiler), least: least ?? 1, most: most)
    }
}

// Values of keywords.
extension SchemaKeywords {
    private func wrong(_ keyword: String, _ expected: String) -> SchemaError {
        SchemaError(.invalid, path, keyword, "expected \(expected)")
    }

    private func place(_ keyword: String, _ part: String) -> String {
        "\(path)/\(JSONPointer.escaped(keyword))/\(JSONPointer.escaped(part))"
    }

    private func string(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> String {
        guard let text = value.stringValue else { throw wrong(keyword, "a string") }
        return text
    }

    private func array(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> [JSONValue] {
        guard let values = value.arrayValue else { throw wrong(keyword, "an array") }
        return values
    }

    private func members(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> [JSONMember] {
        guard let object = value.objectValue else { throw wrong(keyword, "an object") }
        guard Set(object.keys.map { Array($0.utf8) }).count == object.count else {
            throw wrong(keyword, "each member once")
        }
        return object.members
    }

    private func names(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> [[UInt8]] {
        let names = try array(value, keyword).compactMap(\.stringValue).map { Array($0.utf8) }
        guard names.count == value.arrayValue?.count, Set(names).count == names.count else {
            throw wrong(keyword, "an array of different strings")
        }
        return names
    }

    private func count(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> Int {
        guard let number = value.numberValue, let count = ExactNumber(number).count else {
            throw wrong(keyword, "an integer that is not negative")
        }
        return count
    }

    private func types(_ value: JSONValue) throws(SchemaError) -> Set<SchemaKind> {
        let names = value.stringValue.map { [JSONValue.string($0)] } ?? value.arrayValue ?? []
        let kinds = names.compactMap { $0.stringValue.flatMap(SchemaKind.init(rawValue:)) }
        guard !kinds.isEmpty, kinds.count == names.count, Set(kinds).count == kinds.count else {
            throw wrong("type", "names of types, each once")
        }
        return Set(kinds)
    }

    private func numberRule(_ keyword: String, _ value: JSONValue) throws(SchemaError) -> SchemaRule {
        guard let number = value.numberValue else { throw wrong(keyword, "a number") }
        let exact = ExactNumber(number)
        if let bound = NumberBound(rawValue: keyword) { return .bound(exact, bound, text: number.text) }
        guard !exact.digits.isEmpty, !exact.isNegative else {
            throw wrong(keyword, "a number greater than zero")
        }
        guard let significand = exact.significand else {
            throw SchemaError(.limit, path, keyword, "more than eighteen digits")
        }
        return .multipleOf(exact, significand: significand, text: number.text)
    }

    private func countRule(_ keyword: String, _ value: JSONValue) throws(SchemaError) -> SchemaRule {
        let count = try count(value, keyword)
        let counted: Counted =
            keyword.hasSuffix("Length") ? .characters : keyword.hasSuffix("Items") ? .elements : .members
        return keyword.hasPrefix("min")
            ? .count(counted, least: count, most: nil, keyword: keyword)
            : .count(counted, least: nil, most: count, keyword: keyword)
    }

    private func child(
        _ value: JSONValue, _ keyword: String, _ compiler: inout SchemaCompiler
    ) throws(SchemaError) -> Int {
        try compiler.compile(value, at: "\(path)/\(JSONPointer.escaped(keyword))", nesting: nesting)
    }

    private func optionalChild(_ keyword: String, _ compiler: inout SchemaCompiler)
        throws(SchemaError) -> Int?
    {
        guard let value = object[keyword] else { return nil }
        return try child(value, keyword, &compiler)
    }

    private func children(
        _ value: JSONValue, _ keyword: String, _ compiler: inout SchemaCompiler
    ) throws(SchemaError) -> [Int] {
        let values = try array(value, keyword)
        guard !values.isEmpty else { throw wrong(keyword, "an array that is not empty") }
        var nodes: [Int] = []
        for (index, value) in values.enumerated() {
            nodes.append(try compiler.compile(value, at: place(keyword, String(index)), nesting: nesting))
        }
        return nodes
    }

    private func children(
        ofMembers value: JSONValue, _ keyword: String, _ compiler: inout SchemaCompiler
    ) throws(SchemaError) -> [([UInt8], Int)] {
        var nodes: [([UInt8], Int)] = []
        for member in try members(value, keyword) {
            let node = try compiler.compile(
                member.value, at: place(keyword, member.key), nesting: nesting)
            nodes.append((Array(member.key.utf8), node))
        }
        return nodes
    }
}
