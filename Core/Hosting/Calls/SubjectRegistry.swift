import Synchronization

/// The workloads that plugins were told about, with the references that the core has validated for them.
///
/// Brokers decide by it whether a call may act for a workload and on what that workload refers to. The plugin cannot write to it.
public final class SubjectRegistry: Sendable {
    private struct Entry {
        let plugin: String
        let subject: Subject
    }
    private let entries = Mutex<[String: Entry]>([:])

    public init() {}

    /// Records what `plugin` is about to be told.
    public func record(_ subject: Subject, of plugin: String) {
        entries.withLock { $0[subject.id] = Entry(plugin: plugin, subject: subject) }
    }

    public func remove(_ id: String) { entries.withLock { $0[id] = nil } }

    /// The workload, if it is one of `plugin`'s.
    public func subject(_ id: String, of plugin: String) -> Subject? {
        entries.withLock { $0[id].flatMap { $0.plugin == plugin ? $0.subject : nil } }
    }

    /// The workload and the plugin that serves it.
    public func owner(of id: String) -> (plugin: String, subject: Subject)? {
        entries.withLock { $0[id].map { ($0.plugin, $0.subject) } }
    }
}
