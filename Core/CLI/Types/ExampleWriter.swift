import JSON

/// Writes the data of a workload as commented YAML, and keeps the value that the lines mean.
struct ExampleWriter {
    private(set) var lines: [String] = []
    private let type: KnownType
    /// Members inside each other beyond this are left to the author: schemas may go in circles.
    private static let deepest = 8

    init(type: KnownType) { self.type = type }

    /// The members of an object, below `data:`. Empty lines for data that is no object with members.
    mutating func write(_ view: SchemaView) -> JSONValue {
        guard !view.members.isEmpty else { return view.example }
        return members(of: view, Place(pointer: "", indent: 6, isComment: false))
    }

    private struct Place {
        var pointer: String
        var indent: Int
        var isComment: Bool
        var depth = 0

        func inner(_ name: String, isComment: Bool, by indent: Int = 2) -> Place {
            Place(
                pointer: pointer + "/" + name, indent: self.indent + indent, isComment: self.isComment || isComment,
                depth: depth + 1)
        }
    }

    private mutating func members(of view: SchemaView, _ place: Place) -> JSONValue {
        var object: JSONObject = [:]
        for member in view.members {
            let key = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
            let inner = place.inner(key, isComment: !member.isRequired)
            explain(member, inner, at: place.indent)
            let value = self.value(of: member.view, named: member.name, inner, at: place.indent)
            if member.isRequired { object[member.name] = value }
        }
        return .object(object)
    }

    /// Writes `name: value` and what is inside it.
    private mutating func value(of view: SchemaView, named name: String, _ place: Place, at indent: Int) -> JSONValue {
        let start = Self.key(name) + ":"
        guard place.depth < Self.deepest, view["const"] == nil, view["enum"] == nil, view["examples"] == nil else {
            add("\(start) \(view.example.text)", indent, place.isComment)
            return view.example
        }
        if view.types.first == "object", !view.members.isEmpty {
            add(start, indent, place.isComment)
            let value = members(of: view, place)
            guard value.objectValue?.isEmpty == true, !place.isComment else { return value }
            // Only comments below: the key alone would mean null.
            add("{}", indent + 2, false)
            return value
        }
        if view.types.first == "array", let element = view.element, !element.members.isEmpty {
            return list(of: element, named: start, isEmpty: (view["minItems"]?.intValue ?? 0) == 0, place, at: indent)
        }
        add("\(start) \(view.example.text)", indent, place.isComment)
        return view.example
    }

    /// A list of objects: one element, as a comment if the list may be empty.
    private mutating func list(
        of element: SchemaView, named start: String, isEmpty: Bool, _ place: Place, at indent: Int
    ) -> JSONValue {
        add(isEmpty ? "\(start) []" : start, indent, place.isComment)
        if isEmpty { add("each element:", indent + 2, true) }
        var inner = place.inner("*", isComment: isEmpty)
        inner.indent = indent + 4
        let before = lines.count
        let value = members(of: element, inner)
        mark(from: before, at: inner.indent, isComment: inner.isComment)
        return .array(isEmpty ? [] : [value])
    }

    /// Puts the `- ` of a list's element before its first member.
    private mutating func mark(from line: Int, at indent: Int, isComment: Bool) {
        let margin = isComment ? "# " : ""
        let start = String(repeating: " ", count: indent) + margin
        guard let first = lines[line...].firstIndex(where: { Self.opensMember($0, start, isComment) }) else { return }
        let dash = String(repeating: " ", count: indent - 2) + margin + "- "
        lines[first] = dash + lines[first].dropFirst(start.count)
    }

    private static func opensMember(_ line: String, _ start: String, _ isComment: Bool) -> Bool {
        guard line.hasPrefix(start), let next = line.dropFirst(start.count).first else { return false }
        return next != "#" && next != " "
    }

    private mutating func explain(_ member: SchemaView.Member, _ place: Place, at indent: Int) {
        var parts = [member.view.description ?? "", member.view.kind] + member.view.rules
        parts.append(member.isRequired ? "required" : "optional")
        type.reference(at: place.pointer).map { parts.append($0) }
        let text = parts.filter { !$0.isEmpty }.joined(separator: "; ")
        add("# \(text.replacing("\n", with: " "))", indent, place.isComment)
    }

    private mutating func add(_ line: String, _ indent: Int, _ isComment: Bool) {
        lines.append(String(repeating: " ", count: indent) + (isComment ? "# " : "") + line)
    }

    /// A key as YAML reads it: plain where that is sure to be text.
    private static func key(_ name: String) -> String {
        let isPlain =
            name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F }
            && !["y", "n", "yes", "no", "on", "off", "true", "false", "null", ""].contains(name.lowercased())
        return isPlain ? name : JSONValue.string(name).text
    }
}
