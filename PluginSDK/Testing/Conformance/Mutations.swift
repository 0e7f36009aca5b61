import JSON

/// Wrong data, made of right data.
enum Mutations {
    struct Wrong: Sendable {
        /// Such as `a member that is not known`.
        let what: String
        let data: JSONValue
    }

    /// Data that the schema must refuse: what the schema says of the top level and of its members is broken one by one.
    ///
    /// - Parameter isCompleted: whether missing and unknown members do not count.
    static func wrong(_ data: JSONValue, by schema: JSONValue, isCompleted: Bool) -> [Wrong] {
        guard let object = data.objectValue, let properties = schema["properties"]?.objectValue else { return [] }
        var wrong = [Wrong(what: "a list instead of its data", data: [])]
        let required = isCompleted ? [] : (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        for name in required {
            var changed = object
            changed[name] = nil
            wrong.append(Wrong(what: "'\(name)' missing", data: .object(changed)))
        }
        if !isCompleted, schema["additionalProperties"]?.boolValue == false {
            var changed = object
            changed["no-such-member"] = 1
            wrong.append(Wrong(what: "a member that is not known", data: .object(changed)))
        }
        for member in properties.members {
            for value in wrongValues(member.value) {
                var changed = object
                changed[member.key] = value
                wrong.append(Wrong(what: "'\(member.key)' as \(String(value.text.prefix(40)))", data: .object(changed)))
            }
        }
        return wrong
    }

    /// Values that a simple schema does not allow: of another type, or just beyond a bound.
    private static func wrongValues(_ schema: JSONValue) -> [JSONValue] {
        var values: [JSONValue] = []
        let types =
            schema["type"]?.stringValue.map { [$0] } ?? (schema["type"]?.arrayValue ?? []).compactMap(\.stringValue)
        let samples: [(type: String, value: JSONValue)] = [
            ("string", "x"), ("object", [:]), ("array", [[]]), ("boolean", true),
            ("number", .number(JSONNumber(uncheckedText: "0.5"))),
        ]
        if !types.isEmpty {
            // One value of a type that is not allowed says that types are looked at.
            values += samples.filter { !types.contains($0.type) }.prefix(1).map(\.value)
        }
        if let least = schema["minimum"]?.int64Value, least > .min { values.append(.number(JSONNumber(least - 1))) }
        if let most = schema["maximum"]?.uint64Value, most < .max { values.append(.number(JSONNumber(most + 1))) }
        if let most = schema["maxLength"]?.intValue, most < 1 << 16 {
            values.append(.string(String(repeating: "x", count: most + 1)))
        }
        if let least = schema["minLength"]?.intValue, least > 0 { values.append("") }
        if let most = schema["maxItems"]?.intValue, most < 1 << 12 {
            values.append(.array(Array(repeating: .null, count: most + 1)))
        }
        if schema["enum"] != nil { values.append("no such word") }
        return values
    }

    /// Data that no schema would let through, for the plugin itself.
    static func hostile(_ data: JSONValue) -> [JSONValue] {
        var all: [JSONValue] = [.null, [], "text", 7, [:]]
        guard let object = data.objectValue else { return all }
        let values: [JSONValue] = [
            .null, "", "../../../etc/passwd", "a\u{0}b", .string(String(repeating: "x", count: 100_000)),
            .number(JSONNumber(Int64.min)), .number(JSONNumber(UInt64.max)),
            .number(JSONNumber(uncheckedText: "1e400")), [:], [[[[]]]],
        ]
        for member in object.members {
            for value in values {
                var changed = object
                changed[member.key] = value
                all.append(.object(changed))
            }
        }
        return all
    }
}
