import JSON

/// An object of a manifest that is being read: knows its place for error messages and which members it may have.
struct ManifestObject {
    private let object: JSONObject
    private let place: String

    init(_ value: JSONValue, _ place: String, members: [String]) throws(HostingError) {
        guard let object = value.objectValue else { throw HostingError(.badManifest, "\(place) has to be an object") }
        for (index, key) in object.keys.enumerated() {
            guard members.contains(where: { $0.utf8.elementsEqual(key.utf8) }) else {
                throw HostingError(.badManifest, "\(place) has the unknown member \(key)")
            }
            guard !object.keys[..<index].contains(where: { $0.utf8.elementsEqual(key.utf8) }) else {
                throw HostingError(.badManifest, "\(place) has the member \(key) twice")
            }
        }
        self.object = object
        self.place = place
    }

    subscript(key: String) -> JSONValue? { object[key] }

    func path(_ member: String) -> String { "\(place)/\(member)" }

    func wrong(_ member: String, _ expected: String) -> HostingError {
        HostingError(.badManifest, "\(path(member)) has to be \(expected)")
    }

    func text(_ member: String) throws(HostingError) -> String {
        guard let text = object[member]?.stringValue else { throw wrong(member, "a text") }
        return text
    }

    func text(_ member: String, default fallback: String) throws(HostingError) -> String {
        object[member] == nil ? fallback : try text(member)
    }

    func flag(_ member: String, default fallback: Bool) throws(HostingError) -> Bool {
        guard let value = object[member] else { return fallback }
        guard let flag = value.boolValue else { throw wrong(member, "true or false") }
        return flag
    }

    func array(_ member: String) throws(HostingError) -> [JSONValue] {
        guard let value = object[member] else { return [] }
        guard let array = value.arrayValue else { throw wrong(member, "a list") }
        return array
    }
}
