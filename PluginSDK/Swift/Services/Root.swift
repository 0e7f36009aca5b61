import JSON

/// Read-only content of a root file system.
public struct Root: Sendable {
    /// The URL that names exactly this content, for `createOverlay`.
    public let handle: String
    /// Those of the probed paths that are regular files.
    public let files: [String]
    /// The files that were to be read and exist.
    public let texts: [String: String]
    /// The files that were to be opened and exist, for reading.
    public let opened: [String: Descriptor]

    public init(
        handle: String, files: [String] = [], texts: [String: String] = [:], opened: [String: Descriptor] = [:]
    ) {
        self.handle = handle
        self.files = files
        self.texts = texts
        self.opened = opened
    }

    init(_ reply: HostReply) throws {
        let json = reply.payload
        var texts: [String: String] = [:]
        for member in json["texts"]?.objectValue?.members ?? [] { texts[member.key] = member.value.stringValue }
        let paths = (json["opened"]?.arrayValue ?? []).compactMap(\.stringValue)
        let opened = Dictionary(zip(paths, reply.descriptors), uniquingKeysWith: { first, _ in first })
        self.init(
            handle: try json.text("root"), files: try json.list("files").compactMap(\.stringValue), texts: texts,
            opened: opened)
    }
}
