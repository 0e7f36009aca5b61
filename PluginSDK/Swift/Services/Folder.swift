import JSON

/// A folder of the plugin's own. Relative paths go to `openat` and the like with `descriptor`, without following links.
public struct Folder: Sendable, Hashable {
    public let path: String
    /// Open for the life of the process; never close it.
    public let descriptor: Int32

    public init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    static func all(in json: JSONValue?) -> [String: Folder] {
        var folders: [String: Folder] = [:]
        for member in json?.objectValue?.members ?? [] {
            guard let path = member.value["path"]?.stringValue,
                let descriptor = member.value["descriptor"]?.int64Value.flatMap(Int32.init(exactly:))
            else { continue }
            folders[member.key] = Folder(path: path, descriptor: descriptor)
        }
        return folders
    }
}
