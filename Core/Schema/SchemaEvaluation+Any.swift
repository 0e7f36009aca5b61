import JSON

// Rules for values of any kind, and for those that are neither array nor object.
extension SchemaEvaluation {
    mutating func checkAny(
        _ rule: SchemaRule, _ value: JSONValue, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        switch rule {
        case .nothing: return demand(false, "false", "is not allowed")
        case .types(let kinds):
            return demand(
                value.is(anyOf: kinds), "type",
                "must be of type \(Self.list(kinds.map(\.rawValue).sorted()))")
        case .values(let forms, let keyword):
            return demand(
                forms.contains(try normalForm(value)), keyword,
                keyword == "const"
                    ? "must be the one value of the schema" : "must be one of the values of the schema")
        case .bound(let limit, let bound, let text): return try checkBound(value, limit, bound, text)
        case .multipleOf(let divisor, let significand, let text):
            guard case .number(let number) = value else { return true }
            try spend(number.text.utf8.count / 16)
            return demand(
                ExactNumber(number).isMultiple(of: divisor, significand: significand), "multipleOf",
                "must be a multiple of \(text)")
        case .count(.characters, let least, let most, let keyword):
            guard case .string(let text) = value else { return true }
            try spend(text.utf8.count / 16)
            return demandCount(text.unicodeScalars.count, least, most, keyword, "characters")
        case .pattern(let pattern):
            guard case .string(let text) = value else { return true }
            return demand(try matches(pattern, text), "pattern", "must match the pattern of the schema")
        default: return try checkApplicator(rule, value, &evaluated)
        }
    }

    private mutating func checkBound(
        _ value: JSONValue, _ limit: ExactNumber, _ bound: NumberBound, _ text: String
    ) throws(Stop) -> Bool {
        guard case .number(let number) = value else { return true }
        try spend(number.text.utf8.count / 16)
        let exact = ExactNumber(number)
        return switch bound {
        case .minimum: demand(exact >= limit, bound.rawValue, "must be at least \(text)")
        case .maximum: demand(exact <= limit, bound.rawValue, "must be at most \(text)")
        case .exclusiveMinimum: demand(exact > limit, bound.rawValue, "must be greater than \(text)")
        case .exclusiveMaximum: demand(exact < limit, bound.rawValue, "must be less than \(text)")
        }
    }

    mutating func demandCount(
        _ count: Int, _ least: Int?, _ most: Int?, _ rule: String, _ what: String
    ) -> Bool {
        if let least { return demand(count >= least, rule, "must have at least \(least) \(what)") }
        if let most { return demand(count <= most, rule, "must have at most \(most) \(what)") }
        return true
    }

    /// Rules that apply other schemas to the same value.
    private mutating func checkApplicator(
        _ rule: SchemaRule, _ value: JSONValue, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        switch rule {
        case .reference(let node): return try merge(apply(node, to: value), &evaluated)
        case .allOf(let nodes):
            var isValid = true
            for node in nodes { isValid = try merge(apply(node, to: value), &evaluated) && isValid }
            return isValid
        case .anyOf(let nodes):
            var isValid = false
            for node in nodes where !isValid || schema.tracksEvaluation {
                isValid = try merge(test(node, on: value), &evaluated) || isValid
            }
            return demand(isValid, "anyOf", "must match at least one of the alternatives of the schema")
        case .oneOf(let nodes):
            var count = 0
            for node in nodes where count < 2 {
                count += try merge(test(node, on: value), &evaluated) ? 1 : 0
            }
            return demand(
                count == 1, "oneOf",
                "must match exactly one alternative of the schema, it matches \(count == 0 ? "none" : "several")"
            )
        case .not(let node):
            return demand(
                try test(node, on: value) == nil, "not", "must not match the schema that is forbidden")
        case .conditional(let condition, let then, let otherwise):
            let applies = try merge(test(condition, on: value), &evaluated)
            guard let branch = applies ? then : otherwise else { return true }
            return try merge(apply(branch, to: value), &evaluated)
        default: return true
        }
    }

    func merge(_ result: Evaluated?, _ evaluated: inout Evaluated) -> Bool {
        guard let result else { return false }
        if schema.tracksEvaluation { evaluated.merge(result) }
        return true
    }

    static func list(_ names: [String]) -> String { names.joined(separator: " or ") }
}

extension JSONValue {
    fileprivate func `is`(anyOf kinds: Set<SchemaKind>) -> Bool {
        switch self {
        case .null: kinds.contains(.null)
        case .bool: kinds.contains(.boolean)
        case .number(let number):
            kinds.contains(.number) || kinds.contains(.integer) && ExactNumber(number).isInteger
        case .string: kinds.contains(.string)
        case .array: kinds.contains(.array)
        case .object: kinds.contains(.object)
        }
    }
}
