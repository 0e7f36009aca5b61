import JSON

/// What is written beside a root when all of it is there.
struct RootMark: Codable, Sendable, Hashable {
    static let name = "mark"

    var version = 1
    /// Where it came from first.
    var source: String
    /// Of its files.
    var bytes: UInt64
    var entries: Int
    /// Digest of the tree, in hexadecimal digits: what is there later has to be the same.
    var tree: String

    static func read(_ path: String) -> RootMark? {
        // What cannot be read is as good as absent: the root is got again.
        guard let bytes = try? SmallFile.read("\(path)/\(name)"),
            let mark = try? JSONValue(parsing: bytes).decode(RootMark.self), mark.version == 1
        else { return nil }
        return mark
    }

    func write(to path: String) throws(HostingError) {
        let text: String
        do { text = try JSONValue(encoding: self).text } catch {
            throw HostingError(.operationFailed, "the mark of a root cannot be written: \(error)")
        }
        try SmallFile.replace("\(path)/\(RootMark.name)", with: Array(text.utf8), .disk)
    }
}
