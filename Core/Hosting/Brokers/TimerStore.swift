import Glibc
import JSON
import Synchronization

/// What plugins want to be called for, by time. On disk before anybody is told; what falls due while the node is away
/// fires once when it is back.
final class TimerStore: Sendable {
    /// Of one owner.
    static let ownerLimit = 16
    /// Of one plugin with all its workloads.
    static let pluginLimit = 1024
    /// Seconds. What is asked for more often belongs into the plugin's own process.
    static let leastPeriod: Int64 = 10
    /// Seconds after which a call that failed is made again.
    static let retry: Int64 = 10

    struct Entry: Sendable, Hashable {
        let plugin: String
        /// Nil: the plugin's own.
        let workload: String?
        let name: String
        /// When it falls due next, Unix seconds.
        var due: Int64
        /// Seconds; nil for one that fires once.
        let period: Int64?
        let content: JSONValue

        func isSame(_ other: Entry) -> Bool {
            plugin == other.plugin && workload == other.workload && name == other.name
        }
    }

    private struct Tables {
        var entries: [Entry] = []
        /// Calls that failed wait until then, and stay due.
        var held: [String: Int64] = [:]
    }

    private let folder: String
    private let tables: Mutex<Tables>

    /// - Throws: `operationFailed` for a file that cannot be read.
    init(folder: String) throws(HostingError) {
        self.folder = folder
        try SmallFile.makeFolder(folder, mode: 0o700)
        var found: [Entry] = []
        for plugin in SmallFile.names(folder) where !plugin.hasSuffix(".new") {
            guard let bytes = try SmallFile.read("\(folder)/\(plugin)"), let value = try? JSONValue(parsing: bytes),
                value["version"] == 1, let list = value["timers"]?.arrayValue
            else {
                throw HostingError(
                    .operationFailed, "the timers in \(folder)/\(plugin) are unreadable", hint: "remove the file")
            }
            found += list.compactMap { Self.entry($0, plugin) }
        }
        let entries = found
        tables = Mutex(Tables(entries: entries))
    }

    private static func entry(_ value: JSONValue, _ plugin: String) -> Entry? {
        guard let name = value["name"]?.stringValue, let due = value["due"]?.int64Value else { return nil }
        return Entry(
            plugin: plugin, workload: value["workload"]?.stringValue, name: name, due: due,
            period: value["period"]?.int64Value, content: value["content"] ?? .null)
    }

    private static func json(_ entry: Entry) -> JSONValue {
        [
            "name": .string(entry.name), "workload": entry.workload.map(JSONValue.string) ?? .null,
            "due": .number(JSONNumber(entry.due)), "period": entry.period.map { .number(JSONNumber($0)) } ?? .null,
            "content": entry.content,
        ]
    }

    /// - Returns: whether there was none of that name.
    func set(_ entry: Entry) throws(HostingError) -> Bool {
        try tables.withLock { tables throws(HostingError) in
            let others = tables.entries.filter { !$0.isSame(entry) }
            let isNew = others.count == tables.entries.count
            let ofPlugin = others.filter { $0.plugin == entry.plugin }
            let ofOwner = ofPlugin.count { $0.workload == entry.workload }
            guard ofPlugin.count < Self.pluginLimit, ofOwner < Self.ownerLimit else {
                throw HostingError(
                    .unavailable,
                    "there may be \(Self.ownerLimit) timers of a workload and \(Self.pluginLimit) of a plugin")
            }
            try store(others + [entry], entry.plugin)
            tables.entries = others + [entry]
            tables.held[Self.key(entry)] = nil
            return isNew
        }
    }

    /// Takes away what matches.
    /// - Returns: whether there was anything.
    @discardableResult
    func cancel(where isGone: (Entry) -> Bool) throws(HostingError) -> Bool {
        try tables.withLock { tables throws(HostingError) in
            let rest = tables.entries.filter { !isGone($0) }
            guard rest.count < tables.entries.count else { return false }
            for plugin in Set(tables.entries.filter(isGone).map(\.plugin)) { try store(rest, plugin) }
            tables.entries = rest
            return true
        }
    }

    func list(plugin: String, workload: String?) -> [Entry] {
        tables.withLock { $0.entries.filter { $0.plugin == plugin && $0.workload == workload } }
    }

    /// What is due, the longest first.
    func due(at now: Int64) -> [Entry] {
        tables.withLock { tables in
            tables.entries.filter { $0.due <= now && (tables.held[Self.key($0)] ?? now) <= now }
                .sorted { $0.due < $1.due }
        }
    }

    /// Writes down that a timer was heard: the next time is after now, however many were missed; one that fires once is
    /// gone. One that was set again meanwhile stays as it is.
    func heard(_ entry: Entry, at now: Int64) throws(HostingError) {
        try tables.withLock { tables throws(HostingError) in
            guard let index = tables.entries.firstIndex(of: entry) else { return }
            var entries = tables.entries
            if let period = entry.period {
                let missed = max(0, now - entry.due) / period
                entries[index].due = entry.due + (missed + 1) * period
            } else {
                entries.remove(at: index)
            }
            try store(entries, entry.plugin)
            tables.entries = entries
            tables.held[Self.key(entry)] = nil
        }
    }

    /// The plugin did not answer: it is asked again later.
    func hold(_ entry: Entry, at now: Int64) {
        tables.withLock { $0.held[Self.key(entry)] = now + Self.retry }
    }

    private static func key(_ entry: Entry) -> String { "\(entry.plugin)|\(entry.workload ?? "")|\(entry.name)" }

    private func store(_ entries: [Entry], _ plugin: String) throws(HostingError) {
        let own = entries.filter { $0.plugin == plugin }
        guard !own.isEmpty else { return try SmallFile.remove("\(folder)/\(plugin)") }
        let value: JSONValue = ["version": 1, "timers": .array(own.map(Self.json))]
        try SmallFile.replace("\(folder)/\(plugin)", with: Array(value.text.utf8), .disk)
    }
}
