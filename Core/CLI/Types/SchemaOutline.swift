import JSON

/// A JSON Schema as a list of members for people: name, kind, whether it must be there, what it is for.
struct SchemaOutline {
    let lines: [String]
    private static let deepest = 12

    init(_ view: SchemaView) {
        var rows: [[String]] = []
        Self.walk(view, indent: 1, &rows)
        lines = rows.isEmpty ? [] : Output.table(rows).split(separator: "\n").map(String.init)
    }

    private static func walk(_ view: SchemaView, indent: Int, _ rows: inout [[String]]) {
        guard indent <= deepest else { return }
        for member in view.members {
            let name = String(repeating: "  ", count: indent) + member.name
            let note = ([member.view.description ?? ""] + member.view.rules).filter { !$0.isEmpty }
            rows.append(
                [name, member.view.kind, member.isRequired ? "required" : "optional", note.joined(separator: "; ")])
            walk(member.view.element ?? member.view.anyMember ?? member.view, indent: indent + 1, &rows)
        }
    }
}
