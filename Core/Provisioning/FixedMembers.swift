import JSON

/// The members of a type's data that an update may not change: all but those that its manifest names.
struct FixedMembers {
    /// Each pointer in its parts; the empty pointer frees everything.
    private let free: [[String]]

    init(updatable: [String]) {
        free = updatable.map { pointer in
            pointer.split(separator: "/").map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
        }
    }

    /// The pointer of the first fixed member that differs, or nil.
    func difference(_ old: JSONValue, _ new: JSONValue) -> String? { difference(old, new, at: []) }

    private func difference(_ old: JSONValue, _ new: JSONValue, at path: [String]) -> String? {
        if old == new || free.contains(path) { return nil }
        let leadsToFree = free.contains { $0.count > path.count && Array($0.prefix(path.count)) == path }
        guard leadsToFree, let left = old.objectValue, let right = new.objectValue else {
            return "/" + path.joined(separator: "/")
        }
        for key in Set(left.keys + right.keys).sorted() {
            if let found = difference(left[key] ?? .null, right[key] ?? .null, at: path + [key]) { return found }
        }
        return nil
    }
}
