import JSON

/// Fills in `${n}`, `${n+3000}` and names in the texts of an example.
struct Placeholders {
    let n: Int
    let values: [String: String]

    func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            if let number = number(text) { return .number(JSONNumber(number)) }
            return .string(filled(text))
        case .array(let elements): return .array(elements.map(filled))
        case .object(var object):
            for index in object.members.indices { object.members[index].value = filled(object.members[index].value) }
            return .object(object)
        case .null, .bool, .number: return value
        }
    }

    /// `${n+3000}` and nothing else.
    private func number(_ text: String) -> Int? {
        guard text.hasPrefix("${n+"), text.hasSuffix("}"), let base = Int(text.dropFirst(4).dropLast()) else {
            return nil
        }
        let (sum, overflows) = base.addingReportingOverflow(n)
        return overflows ? nil : sum
    }

    private func filled(_ text: String) -> String {
        var filled = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = String(rest[start.upperBound..<end])
            filled += rest[..<start.lowerBound]
            // A name that nobody gave stays as it is, and shows in what the node says about it.
            filled += name == "n" ? String(n) : values[name] ?? "${\(name)}"
            rest = rest[rest.index(after: end)...]
        }
        return filled + rest
    }
}
