import Glibc
import JSON

/// The append-only log of what was installed, loaded, refused and removed, and of whom the operator trusts: one JSON object per line.
public struct PackageLog: Sendable {
    enum Event: String, Sendable { case install, load, refusal, removal, trust }

    let path: String
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - root: the folder of the package store.
    ///   - now: seconds since 1970.
    public init(root: String, now: @escaping @Sendable () -> Int64) {
        // The underscore: no plugin can have this name as its id.
        path = "\(root)/packages_log.jsonl"
        self.now = now
    }

    /// All lines, oldest first. A line that a power cut left unfinished is passed over.
    public func entries() throws(HostingError) -> [JSONValue] {
        guard let bytes = try PackageFolder.readFile(path, limit: Self.maximumBytes) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            try? JSONValue(parsing: Array(line))  // Unfinished, as said above.
        }
    }

    /// A log of millions of lines; nobody reads a longer one whole.
    private static let maximumBytes = 256 << 20

    func append(_ event: Event, plugin: String, package: PluginPackage) throws(HostingError) {
        try append(
            event, plugin,
            [
                ("version", .string(package.manifest.version.text)), ("digest", .string(package.digestText)),
                ("publisher", .string(package.publisher.name)), ("key", .string(package.publisher.key.base64)),
            ])
    }

    func append(_ event: Event, plugin: String, version: String, digest: String) throws(HostingError) {
        try append(event, plugin, [("version", .string(version)), ("digest", .string(digest))])
    }

    func append(_ event: Event, plugin: String, reason: HostingError) throws(HostingError) {
        try append(
            event, plugin, [("code", .string(reason.code.rawValue)), ("reason", .string(reason.message))])
    }

    func append(_ event: Event, plugin: String) throws(HostingError) { try append(event, plugin, []) }

    func append(_ change: TrustChange) throws(HostingError) {
        try append(.trust, change.plugin, [("change", change.json)])
    }

    private func append(
        _ event: Event, _ plugin: String?, _ members: [(String, JSONValue)]
    ) throws(HostingError) {
        var line = JSONObject(
            dictionaryLiteral: ("time", .number(JSONNumber(now()))), ("event", .string(event.rawValue)))
        if let plugin { line["plugin"] = .string(plugin) }
        for (key, value) in members { line[key] = value }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let file = OwnedDescriptor(taking: try checkedErrno(open(path, flags, 0o600), "write \(path)"))
        try SmallFile.write(file.number, Array("\(JSONValue.object(line).text)\n".utf8), "write \(path)")
        try checkedErrno(fsync(file.number), "write \(path)")
    }
}
