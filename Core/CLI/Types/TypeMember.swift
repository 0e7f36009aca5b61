import JSON

/// A part of a type's data, found by its path: `network.interfaces.ip`.
struct TypeMember {
    let view: SchemaView
    /// As a JSON pointer with `*` for elements of lists.
    let pointer: String
    /// Nil for the whole data and for elements.
    let isRequired: Bool?

    /// - Parameters:
    ///   - path: names of members, separated by dots; lists are passed through, free names are `*`.
    ///   - schema: the type's.
    init(at path: [String], in schema: JSONValue, of type: String) throws(CommandError) {
        var view = SchemaView(schema)
        var (pointer, isRequired): (String, Bool?) = ("", nil)
        for (depth, name) in path.enumerated() {
            while view.types.contains("array"), let element = view.element {
                (view, pointer) = (element, pointer + "/*")
            }
            if let member = view.members.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
                (view, isRequired) = (member.view, member.isRequired)
                pointer += "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
            } else if name == "*", let free = view.anyMember {
                (view, isRequired, pointer) = (free, nil, pointer + "/*")
            } else {
                let names = view.members.map(\.name) + (view.anyMember == nil ? [] : ["*"])
                let place = ([type] + path.prefix(depth)).joined(separator: ".")
                throw CommandError(
                    .notFound, "\(place) has no member '\(name)'",
                    hint: names.isEmpty ? "it has no members" : "it has " + names.joined(separator: ", "))
            }
        }
        (self.view, self.pointer, self.isRequired) = (view, pointer, isRequired)
    }
}
