import JSON

/// Turns the JSON of a rule into its shape, by the grammar of docs/spec/challenge-rules.md section 1.
struct RuleParser {
    private var fieldCount = 0

    mutating func rule(_ value: JSONValue) throws(DeploymentError) -> ChallengeRule.Form {
        guard let object = value.objectValue else { throw Self.member("rule", "must be an object") }
        guard let kind = object["rule"]?.stringValue else { throw Self.member("rule", "needs a member rule, a text") }
        switch kind {
        case "canonical-1":
            try Self.check(object, "rule", needed: ["rule"], allowed: [])
            return .canonical
        case "fields-1":
            try Self.check(object, "rule", needed: ["rule", "fields"], allowed: ["order", "former"])
            let shape = try shape(object, "rule", depth: 1)
            return .fields(shape, former: try Self.former(object["former"], shape))
        default:
            throw DeploymentError(.ruleKind, "rule: unknown kind of rule")
        }
    }

    private mutating func shape(
        _ object: JSONObject, _ path: String, depth: Int
    ) throws(DeploymentError) -> RecordShape {
        guard depth <= ChallengeRule.maximumRecords else {
            throw DeploymentError(
                .ruleLimit, "\(path): more than \(ChallengeRule.maximumRecords) records inside each other")
        }
        guard let list = object["fields"]?.arrayValue else { throw Self.member(path, "fields must be a list") }
        var fields: [RuleField] = []
        var byName: [[UInt8]: Int] = [:]
        for (index, value) in list.enumerated() {
            fieldCount += 1
            guard fieldCount <= ChallengeRule.maximumFields else {
                throw DeploymentError(.ruleLimit, "rule: more than \(ChallengeRule.maximumFields) fields")
            }
            let field = try field(value, "\(path).fields[\(index)]", depth: depth)
            guard byName.updateValue(index, forKey: JSONObject.fold(field.name)) == nil else {
                throw DeploymentError(.ruleName, "\(path): two fields have one name, letter case aside")
            }
            fields.append(field)
        }
        let hashed = fields.indices.filter { fields[$0].isHashed }
        guard let order = try Self.names(object["order"], fields, "\(path).order") else {
            return RecordShape(fields: fields, order: hashed, byName: byName)
        }
        guard order.sorted() == hashed else {
            throw DeploymentError(.ruleOrder, "\(path).order: must name each hashed field exactly once")
        }
        return RecordShape(fields: fields, order: order, byName: byName)
    }

    private mutating func field(_ value: JSONValue, _ path: String, depth: Int) throws(DeploymentError) -> RuleField {
        guard let object = value.objectValue else { throw Self.member(path, "must be an object") }
        guard let kind = object["is"]?.stringValue else { throw Self.member(path, "needs a member is, a text") }
        let parsed: FieldKind
        switch kind {
        case "record":
            try Self.check(
                object, path, needed: ["name", "is", "fields"], allowed: ["order", "optional", "hashed"])
            parsed = .record(try shape(object, path, depth: depth + 1))
        case "list":
            try Self.check(object, path, needed: ["name", "is", "of"], allowed: ["omit_empty", "hashed"])
            parsed = .list(
                of: try element(object["of"], "\(path).of", depth: depth), omitEmpty: object["omit_empty"] != nil)
        case "map":
            try Self.check(object, path, needed: ["name", "is"], allowed: ["hashed"])
            parsed = .map
        default:
            guard let scalar = ScalarKind(rawValue: kind) else { throw Self.kind(path) }
            let allowed = scalar == .text ? ["optional", "hashed"] : ["hashed"]
            try Self.check(object, path, needed: ["name", "is"], allowed: allowed)
            parsed = .scalar(scalar)
        }
        guard let name = object["name"]?.stringValue else { throw Self.member(path, "name must be a text") }
        guard Self.isName(name) else {
            throw DeploymentError(.ruleName, "\(path).name: a letter or _, then up to 63 letters, digits and _")
        }
        return RuleField(
            name: name, kind: parsed, isOptional: object["optional"] != nil, isHashed: object["hashed"] == nil)
    }

    private mutating func element(_ value: JSONValue?, _ path: String, depth: Int) throws(DeploymentError) -> FieldKind
    {
        guard let object = value?.objectValue else { throw Self.member(path, "must be an object") }
        guard let kind = object["is"]?.stringValue else { throw Self.member(path, "needs a member is, a text") }
        if kind.utf8.elementsEqual("record".utf8) {
            try Self.check(object, path, needed: ["is", "fields"], allowed: ["order"])
            return .record(try shape(object, path, depth: depth + 1))
        }
        guard let scalar = ScalarKind(rawValue: kind) else { throw Self.kind(path) }
        try Self.check(object, path, needed: ["is"], allowed: [])
        return .scalar(scalar)
    }

    private static func former(_ value: JSONValue?, _ shape: RecordShape) throws(DeploymentError) -> [Int]? {
        guard let former = try names(value, shape.fields, "rule.former") else { return nil }
        let hashed = Set(shape.order)
        guard !former.isEmpty, Set(former).count == former.count, former.count < hashed.count,
            hashed.isSuperset(of: former)
        else {
            throw DeploymentError(
                .ruleOrder, "rule.former: must name some, but not all of the hashed fields, each once")
        }
        return former
    }

    // Indices of the named fields; nil if there is no list of names.
    private static func names(
        _ value: JSONValue?, _ fields: [RuleField], _ path: String
    ) throws(DeploymentError) -> [Int]? {
        guard let value else { return nil }
        guard let list = value.arrayValue else { throw member(path, "must be a list") }
        var indices: [Int] = []
        for entry in list {
            guard let name = entry.stringValue else { throw member(path, "must hold names") }
            guard let index = fields.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw DeploymentError(.ruleOrder, "\(path): names no field")
            }
            indices.append(index)
        }
        return indices
    }

    // The members are those of the grammar, and attributes have the one value that it shows.
    private static func check(
        _ object: JSONObject, _ path: String, needed: [String], allowed: [String]
    ) throws(DeploymentError) {
        for name in needed where object[name] == nil { throw member(path, "needs a member \(name)") }
        let attributes: [(name: String, value: JSONValue)] = [
            ("optional", true), ("omit_empty", true), ("hashed", false),
        ]
        for entry in object.members {
            guard (needed + allowed).contains(where: { $0.utf8.elementsEqual(entry.key.utf8) }) else {
                throw member(path, "has a member that the grammar does not know here")
            }
            if let attribute = attributes.first(where: { $0.name.utf8.elementsEqual(entry.key.utf8) }),
                entry.value != attribute.value
            {
                throw member(path, "\(attribute.name) can only be \(attribute.value.text)")
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), let first = name.utf8.first else { return false }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte >= 0x40 || byte == UInt8(ascii: "_")
        }
        return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    private static func member(_ path: String, _ fault: String) -> DeploymentError {
        DeploymentError(.ruleMember, "\(path): \(fault)")
    }

    private static func kind(_ path: String) -> DeploymentError {
        DeploymentError(.ruleKind, "\(path).is: unknown kind in this place")
    }
}
