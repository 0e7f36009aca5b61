import JSON

// Rules for objects.
extension SchemaEvaluation {
    mutating func check(
        _ rule: SchemaRule, _ value: JSONValue, object: JSONObject, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        switch rule {
        case .count(.members, let least, let most, let keyword):
            return demandCount(object.count, least, most, keyword, "members")
        case .members(let members): return try checkMembers(object, members, &evaluated)
        case .propertyNames(let node):
            var isValid = true
            for member in object.members {
                isValid = try descend(.member(member.key), node, .string(member.key)) && isValid
            }
            return isValid
        case .required(let names): return try checkRequired(object, names, "required")
        case .dependentRequired(let dependents):
            var isValid = true
            for (name, names) in dependents where try has(object, name) {
                isValid = try checkRequired(object, names, "dependentRequired") && isValid
            }
            return isValid
        case .dependentSchemas(let dependents):
            var isValid = true
            for (name, node) in dependents where try has(object, name) {
                isValid = try merge(apply(node, to: value), &evaluated) && isValid
            }
            return isValid
        case .unevaluatedProperties(let node):
            var isValid = true
            for (index, member) in object.members.enumerated() where !evaluated.members.contains(index) {
                isValid = try descend(.member(member.key), node, member.value) && isValid
                evaluated.members.insert(index)
            }
            return isValid
        default: return try checkAny(rule, value, &evaluated)
        }
    }

    private mutating func checkMembers(
        _ object: JSONObject, _ rule: MemberRule, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        var isValid = true
        for (index, member) in object.members.enumerated() {
            try spend(1 + member.key.utf8.count / 16)
            var nodes = rule.named[Array(member.key.utf8)].map { [$0] } ?? []
            for (pattern, node) in rule.patterns where try matches(pattern, member.key) {
                nodes.append(node)
            }
            if nodes.isEmpty, let additional = rule.additional { nodes = [additional] }
            for node in nodes {
                isValid = try descend(.member(member.key), node, member.value) && isValid
            }
            if schema.tracksEvaluation, !nodes.isEmpty { evaluated.members.insert(index) }
        }
        return isValid
    }

    private mutating func has(_ object: JSONObject, _ name: [UInt8]) throws(Stop) -> Bool {
        try spend(1 + object.count / 16)
        return object.members.contains { $0.key.utf8.elementsEqual(name) }
    }

    private mutating func checkRequired(
        _ object: JSONObject, _ names: [[UInt8]], _ keyword: String
    ) throws(Stop) -> Bool {
        var isValid = true
        for name in names {
            let isThere = try has(object, name)
            isValid =
                demand(
                    isThere, keyword, "must have the member \"\(String(decoding: name, as: UTF8.self))\"")
                && isValid
        }
        return isValid
    }
}
