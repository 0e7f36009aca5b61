import JSON

extension SchemaView {
    /// A value of this kind: what the author gives as an example or default, else the smallest that the rules allow.
    var example: JSONValue { example(depth: 0) }

    private func example(depth: Int) -> JSONValue {
        if let given = self["examples"]?.arrayValue?.first ?? self["const"] ?? self["default"]
            ?? self["enum"]?.arrayValue?.first
        {
            return given
        }
        switch types.first {
        case "object":
            var object: JSONObject = [:]
            // A schema may go in circles.
            for member in members where member.isRequired && depth < 8 {
                object[member.name] = member.view.example(depth: depth + 1)
            }
            return .object(object)
        case "array":
            let count = min(self["minItems"]?.intValue ?? 0, 8)
            guard depth < 8, count > 0 else { return [] }
            return .array(Array(repeating: element?.example(depth: depth + 1) ?? .null, count: count))
        case "integer", "number": return .number(smallestNumber)
        case "boolean": return false
        case "string": return .string(String(repeating: "x", count: min(max(self["minLength"]?.intValue ?? 0, 0), 256)))
        case "null": return .null
        default: return [:]
        }
    }

    /// The allowed integer that is nearest above the lower bound, else 0.
    private var smallestNumber: JSONNumber {
        let step = max(self["multipleOf"]?.int64Value ?? 1, 1)
        let above = self["exclusiveMinimum"]?.int64Value.flatMap { $0 == .max ? nil : $0 + 1 }
        var lowest = self["minimum"]?.int64Value ?? above ?? 0
        if let highest = self["maximum"]?.int64Value, lowest > highest { lowest = highest }
        let rest = lowest % step
        let (next, overflows) = lowest.addingReportingOverflow(rest > 0 ? step - rest : -rest)
        return JSONNumber(overflows ? lowest : next)
    }
}
