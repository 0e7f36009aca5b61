import JSON

// Rules for arrays.
extension SchemaEvaluation {
    mutating func check(
        _ rule: SchemaRule, _ value: JSONValue, array values: [JSONValue], _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        switch rule {
        case .count(.elements, let least, let most, let keyword):
            return demandCount(values.count, least, most, keyword, "elements")
        case .items(let prefix, let rest): return try checkItems(values, prefix, rest, &evaluated)
        case .contains(let node, let least, let most):
            return try checkContains(values, node, least, most, &evaluated)
        case .uniqueItems:
            var forms: Set<[UInt8]> = []
            for value in values where !forms.insert(try normalForm(value)).inserted {
                return demand(false, "uniqueItems", "must not have two equal elements")
            }
            return true
        case .unevaluatedItems(let node):
            var isValid = true
            for (index, value) in values.enumerated() where !evaluated.elements.contains(index) {
                isValid = try descend(.element(index), node, value) && isValid
                evaluated.elements.insert(index)
            }
            return isValid
        default: return try checkAny(rule, value, &evaluated)
        }
    }

    private mutating func checkItems(
        _ values: [JSONValue], _ prefix: [Int], _ rest: Int?, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        var isValid = true
        for (index, value) in values.enumerated() {
            guard let node = index < prefix.count ? prefix[index] : rest else { break }
            isValid = try descend(.element(index), node, value) && isValid
            if schema.tracksEvaluation { evaluated.elements.insert(index) }
            try spend(1)
        }
        return isValid
    }

    private mutating func checkContains(
        _ values: [JSONValue], _ node: Int, _ least: Int, _ most: Int?, _ evaluated: inout Evaluated
    ) throws(Stop) -> Bool {
        var count = 0
        for (index, value) in values.enumerated() {
            try spend(1)
            guard try test(node, on: value) != nil else { continue }
            count += 1
            if schema.tracksEvaluation { evaluated.elements.insert(index) }
        }
        let hasEnough = demand(
            count >= least, least == 1 ? "contains" : "minContains",
            "must have at least \(least) elements that match \"contains\"")
        guard let most else { return hasEnough }
        return demand(
            count <= most, "maxContains", "must have at most \(most) elements that match \"contains\"")
            && hasEnough
    }
}
