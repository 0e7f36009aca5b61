import Glibc
import JSON
import Synchronization

/// Values that only one owner holds, by space. On disk before anybody is told.
final class ReservationStore: Sendable {
    /// Values of one plugin in one space.
    private let limit: Int

    struct Entry: Sendable, Hashable {
        let value: String
        let plugin: String
        /// A workload's id, or the plugin's own scope.
        let owner: String
        let isScope: Bool
    }

    private let folder: String
    private let spaces = Mutex<[String: [Entry]]>([:])

    /// - Throws: `operationFailed` for a file that cannot be read: starting over would give values twice.
    init(folder: String, limit: Int = 4096) throws(HostingError) {
        self.limit = limit
        self.folder = folder
        try SmallFile.makeFolder(folder, mode: 0o700)
        var found: [String: [Entry]] = [:]
        for name in SmallFile.names(folder) where !name.hasSuffix(".new") {
            let bytes = try SmallFile.read("\(folder)/\(name)") ?? []
            guard let value = try? JSONValue(parsing: bytes), value["version"] == 1,
                let entries = value["entries"]?.arrayValue?.map(Self.entry), !entries.contains(nil)
            else { throw HostingError(.operationFailed, "the reservations in \(folder)/\(name) are unreadable") }
            found[name] = entries.compactMap { $0 }
        }
        let loaded = found
        spaces.withLock { $0 = loaded }
    }

    private static func entry(_ value: JSONValue) -> Entry? {
        guard let text = value["value"]?.stringValue, let plugin = value["plugin"]?.stringValue,
            let owner = value["owner"]?.stringValue, let isScope = value["scope"]?.boolValue
        else { return nil }
        return Entry(value: text, plugin: plugin, owner: owner, isScope: isScope)
    }

    func entries(in space: String) -> [Entry] { spaces.withLock { $0[space] ?? [] } }

    func spaceNames() -> [String] { spaces.withLock { Array($0.keys) } }

    /// Takes the first of `values` that nobody holds; what the owner already holds of them comes first.
    /// - Parameter isFree: a last test, such as binding the port.
    /// - Returns: nil if all are taken.
    func take(
        _ values: some Sequence<String>, in space: String, for owner: Entry, isFree: (String) -> Bool
    ) throws(HostingError) -> (value: String, created: Bool)? {
        // The lock is held while the file is written: two callers must not be promised the same value.
        try spaces.withLock { spaces throws(HostingError) in
            let entries = spaces[space] ?? []
            // Values are ASCII, so that equality of texts is equality of bytes.
            let holders = Dictionary(entries.map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
            func isOwn(_ entry: Entry) -> Bool {
                entry.plugin == owner.plugin && entry.owner == owner.owner && entry.isScope == owner.isScope
            }
            var free: String?
            for value in values {
                if let holder = holders[value] {
                    if isOwn(holder) { return (value, false) }
                } else if free == nil, isFree(value) {
                    free = value
                    if !entries.contains(where: isOwn) { break }
                }
            }
            guard let free else { return nil }
            let count = entries.count { $0.plugin == owner.plugin }
            guard count < limit else {
                throw HostingError(
                    .unavailable, "plugin \(owner.plugin) holds \(count) values of \(space), the most that it may")
            }
            let entry = Entry(value: free, plugin: owner.plugin, owner: owner.owner, isScope: owner.isScope)
            try store(entries + [entry], space)
            spaces[space] = entries + [entry]
            return (free, true)
        }
    }

    /// - Returns: whether there was anything to release.
    @discardableResult
    func release(in space: String, where isReleased: (Entry) -> Bool) throws(HostingError) -> Bool {
        try spaces.withLock { spaces throws(HostingError) in
            let entries = spaces[space] ?? []
            let rest = entries.filter { !isReleased($0) }
            guard rest.count < entries.count else { return false }
            try store(rest, space)
            spaces[space] = rest
            return true
        }
    }

    private func store(_ entries: [Entry], _ space: String) throws(HostingError) {
        let value: JSONValue = [
            "version": 1,
            "entries": .array(
                entries.map {
                    [
                        "value": .string($0.value), "plugin": .string($0.plugin), "owner": .string($0.owner),
                        "scope": .bool($0.isScope),
                    ]
                }),
        ]
        try SmallFile.replace("\(folder)/\(space)", with: Array(value.text.utf8), .disk)
    }
}
