import JSON

/// Read-only content of a root file system.
public struct Root: Sendable, Hashable {
    /// Names it in the node's log.
    public let handle: String
    /// Those of the probed paths that are regular files.
    public let files: [String]
    /// The files that were to be read and exist.
    public let texts: [String: String]

    public init(handle: String, files: [String] = [], texts: [String: String] = [:]) {
        self.handle = handle
        self.files = files
        self.texts = texts
    }

    init(_ json: JSONValue) throws {
        var texts: [String: String] = [:]
        for member in json["texts"]?.objectValue?.members ?? [] { texts[member.key] = member.value.stringValue }
        self.init(
            handle: try json.text("root"), files: try json.list("files").compactMap(\.stringValue), texts: texts)
    }
}
