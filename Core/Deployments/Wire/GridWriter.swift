import JSON

/// Writes one object in the grid's form: members in the given order, no white space.
struct GridWriter {
    private var members: [String] = []

    mutating func raw(_ name: String, _ json: String) { members.append("\"\(name)\":\(json)") }
    mutating func text(_ name: String, _ text: String) { raw(name, JSONValue.string(text).text) }
    mutating func number(_ name: String, _ value: some FixedWidthInteger) { raw(name, String(value)) }
    mutating func bool(_ name: String, _ value: Bool) { raw(name, value ? "true" : "false") }

    /// An empty list is written `null` if it never was set.
    mutating func list(_ name: String, _ elements: [String], isUnset: Bool) {
        raw(name, elements.isEmpty && isUnset ? "null" : "[" + elements.joined(separator: ",") + "]")
    }

    var json: String { "{" + members.joined(separator: ",") + "}" }
}
