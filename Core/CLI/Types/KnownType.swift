import Client
import JSON

/// A workload type as the node describes it.
struct KnownType {
    /// The node's answer, whole.
    let description: JSONValue

    var name: String { description["name"]?.stringValue ?? "" }
    var schema: JSONValue { description["schema"] ?? .bool(true) }

    var heading: String {
        let words = ["summary", "plugin", "version"].map { description[$0]?.stringValue ?? "" }
        return "\(name): \(words[0]) (\(words[1]) \(words[2]))"
    }

    /// - Throws: `notFound` with the types that there are.
    static func find(_ name: String, by client: NodeClient) async throws -> KnownType {
        let names = try await client.types().compactMap { $0["name"]?.stringValue }
        guard names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw CommandError(
                .notFound, "the node has no type '\(name)'",
                hint: names.isEmpty ? "it has no plugins" : "it has " + names.joined(separator: ", "))
        }
        return KnownType(description: try await client.describe(type: name))
    }

    /// What holds for the type as a whole, a line each.
    var notes: [String] {
        var notes: [String] = []
        let exports = (description["exports"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !exports.isEmpty { notes.append("exports: " + exports.joined(separator: ", ")) }
        for reference in description["references"]?.arrayValue ?? [] {
            guard let pointer = reference["pointer"]?.stringValue else { continue }
            notes.append("\(pointer) \(Self.sentence(about: reference))")
        }
        let pointers = (description["updatable"]?.arrayValue ?? []).compactMap(\.stringValue)
        let parts = pointers.map { $0.isEmpty ? "everything" : $0 }
        notes.append(parts.isEmpty ? "cannot change in place" : "can change in place: " + parts.joined(separator: ", "))
        if description["shareable"]?.boolValue == true { notes.append("the twin's other deployments may refer to it") }
        return notes
    }

    /// What its plugin can do beyond the least, in a line; none if it did not say so yet.
    var abilities: [String] {
        let names = (description["abilities"]?.arrayValue ?? []).compactMap(\.stringValue)
        return names.isEmpty ? [] : ["its plugin can: " + names.joined(separator: ", ")]
    }

    func isUpdatable(_ pointer: String) -> Bool {
        (description["updatable"]?.arrayValue ?? []).compactMap(\.stringValue).contains { allowed in
            allowed.isEmpty || pointer == allowed || pointer.hasPrefix(allowed + "/")
        }
    }

    /// What the text at `pointer` refers to, if it names another workload.
    func reference(at pointer: String) -> String? {
        (description["references"]?.arrayValue ?? []).first { $0["pointer"]?.stringValue == pointer }
            .map(Self.sentence)
    }

    private static func sentence(about reference: JSONValue) -> String {
        let exports = (reference["exports"]?.arrayValue ?? []).compactMap(\.stringValue)
        let types = (reference["types"]?.arrayValue ?? []).compactMap(\.stringValue)
        let place = reference["scope"]?.stringValue == "twin" ? "the twin's deployments" : "the same deployment"
        let kind = types.isEmpty ? "a workload" : "a workload of type " + types.joined(separator: " or ")
        return "names \(kind) of \(place)"
            + (exports.isEmpty ? "" : " that exports " + exports.joined(separator: " or "))
    }
}
