import JSON
import Yams

/// YAML read as JSON: the same values, integers exact, keys are texts.
enum YAMLText {
    /// - Throws: `CommandError` naming the place.
    static func value(of text: String) throws(CommandError) -> JSONValue {
        let node: Yams.Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw CommandError(.invalid, "the file is no YAML: \(error)")
        }
        guard let node else { throw CommandError(.invalid, "the file is empty") }
        var budget = mostValues
        return try value(node, depth: 0, &budget)
    }

    /// Aliases let a short file stand for a huge one.
    private static let mostValues = 200_000

    /// Deeper files are refused; no deployment comes near.
    private static let deepest = 64

    private static func value(
        _ node: Yams.Node, depth: Int, _ budget: inout Int
    ) throws(CommandError) -> JSONValue {
        budget -= 1
        guard budget > 0 else { throw CommandError(.invalid, "the file stands for more than \(mostValues) values") }
        guard depth < deepest else { throw CommandError(.invalid, "the file is nested more than \(deepest) deep") }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar)
        case .sequence(let sequence):
            var values: [JSONValue] = []
            for element in sequence { values.append(try value(element, depth: depth + 1, &budget)) }
            return .array(values)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, element) in mapping {
                guard let name = key.scalar?.string else {
                    throw CommandError(.invalid, "a key\(place(key.mark)) is no text")
                }
                guard object[name] == nil else {
                    throw CommandError(.invalid, "the key '\(name)'\(place(key.mark)) occurs twice")
                }
                object.members.append(JSONMember(key: name, value: try value(element, depth: depth + 1, &budget)))
            }
            return .object(object)
        case .alias(let alias):
            throw CommandError(.invalid, "the alias\(place(alias.mark)) refers to nothing")
        }
    }

    private static func scalar(_ scalar: Yams.Node.Scalar) throws(CommandError) -> JSONValue {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        // Numbers are those of JSON: what YAML alone takes for one (1_000, 0x1f, 1:30) stays text.
        if let parsed = try? JSONValue(parsing: text), case .number = parsed { return parsed }
        return .string(text)
    }

    private static func place(_ mark: Mark?) -> String { mark.map { " in line \($0.line)" } ?? "" }
}
