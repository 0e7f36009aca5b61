import JSON
import Synchronization

/// Who owns what of the kernel's objects: one file each, written before the object is made.
///
/// Survives the end of the core. A reboot takes most objects with their records; those of things that outlive it are on disk.
final class ObjectLedger: Sendable {
    /// Objects of one plugin: a thousand workloads with a dozen each, and no way to fill the node's tables.
    private let limit: Int

    /// For what a reboot takes.
    private let folder: String
    /// For what outlives it.
    private let durable: String
    private let records: Mutex<[String: ObjectRecord]>

    /// - Throws: `operationFailed` for a record that cannot be read: what it owns could not be removed any more.
    init(folder: String, durable: String, limit: Int = 16384) throws(HostingError) {
        self.limit = limit
        self.folder = folder
        self.durable = durable
        var found: [String: ObjectRecord] = [:]
        for folder in [folder, durable] {
            try SmallFile.makeFolder(folder, mode: 0o700)
            for name in SmallFile.names(folder) where !name.hasSuffix(".new") {
                guard let bytes = try SmallFile.read("\(folder)/\(name)"), let record = ObjectRecord(parsing: bytes)
                else {
                    throw HostingError(
                        .operationFailed, "the record \(folder)/\(name) is unreadable",
                        hint: "remove the object that it names by hand, then the file")
                }
                found[record.key] = record
            }
        }
        records = Mutex(found)
    }

    private func store(_ record: ObjectRecord) throws(HostingError) {
        try SmallFile.replace(
            path(record), with: Array(record.json.text.utf8), record.kind.isDurable ? .disk : .process)
    }

    private func path(_ record: ObjectRecord) -> String {
        // Kinds hold no comma, and `|`, which separates the parts of composed names, is fine in a file name.
        "\(record.kind.isDurable ? durable : folder)/\(record.kind.rawValue),\(record.name)"
    }

    /// Writes the record down, unless the same is there.
    /// - Returns: whether it is new.
    /// - Throws: `denied` if somebody else owns the name; `invalid` if it was made with other parameters.
    @discardableResult
    func claim(_ record: ObjectRecord) throws(HostingError) -> Bool {
        if let known = records.withLock({ $0[record.key] }) {
            guard known.plugin == record.plugin, known.workload == record.workload else {
                throw HostingError(.denied, "\(record.kind.rawValue) \(record.name) belongs to somebody else")
            }
            guard known.parameters == record.parameters else {
                throw HostingError(
                    .invalid, "\(record.kind.rawValue) \(record.name) exists with other parameters",
                    hint: "delete it first")
            }
            return false
        }
        let count = records.withLock { $0.values.count { $0.plugin == record.plugin } }
        guard count < limit else {
            throw HostingError(
                .unavailable, "plugin \(record.plugin) has \(count) objects, the most that it may have",
                hint: "remove some first")
        }
        try store(record)
        records.withLock { $0[record.key] = record }
        return true
    }

    /// Writes down what has become of an object.
    func replace(_ record: ObjectRecord) throws(HostingError) {
        try store(record)
        records.withLock { $0[record.key] = record }
    }

    /// The record, if it is there; only for those who may act on it.
    /// - Throws: `denied` if it is another plugin's or another workload's.
    func find(_ kind: ObjectRecord.Kind, _ name: String, for call: BrokerCall) throws(HostingError) -> ObjectRecord? {
        guard let record = records.withLock({ $0["\(kind.rawValue)/\(name)"] }) else { return nil }
        let isOwn = call.workload == nil || record.workload == nil || record.workload == call.workload
        guard record.plugin == call.plugin, isOwn else {
            throw HostingError(.denied, "\(kind.rawValue) \(name) belongs to somebody else")
        }
        return record
    }

    func require(_ kind: ObjectRecord.Kind, _ name: String, for call: BrokerCall) throws(HostingError) -> ObjectRecord {
        guard let record = try find(kind, name, for: call) else {
            throw HostingError(.invalid, "there is no \(kind.rawValue) \(name)")
        }
        return record
    }

    /// Whoever owns it: for objects that a validated reference leads to.
    func record(_ kind: ObjectRecord.Kind, _ name: String) -> ObjectRecord? {
        records.withLock { $0["\(kind.rawValue)/\(name)"] }
    }

    func all() -> [ObjectRecord] { records.withLock { Array($0.values) } }

    func remove(_ record: ObjectRecord) throws(HostingError) {
        try SmallFile.remove(path(record))
        records.withLock { $0[record.key] = nil }
    }
}
