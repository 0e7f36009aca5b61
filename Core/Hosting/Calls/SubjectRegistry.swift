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
    private let observer = Mutex<(@Sendable (String) -> Void)?>(nil)

    public init() {}

    /// Records what `plugin` is about to be told.
    public func record(_ subject: Subject, of plugin: String) {
        entries.withLock { $0[subject.id] = Entry(plugin: plugin, subject: subject) }
    }

    /// Forgets a workload that is gone for good.
    public func remove(_ id: String) {
        entries.withLock { $0[id] = nil }
        observer.withLock { $0 }?(id)
    }

    /// Says who is told about workloads that are gone.
    func observeRemovals(_ observer: @escaping @Sendable (String) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    /// The workload, if it is one of `plugin`'s.
    public func subject(_ id: String, of plugin: String) -> Subject? {
        entries.withLock { $0[id].flatMap { $0.plugin == plugin ? $0.subject : nil } }
    }

    /// All workloads of `plugin`.
    public func subjects(of plugin: String) -> [Subject] {
        entries.withLock { $0.values.filter { $0.plugin == plugin }.map(\.subject) }
    }

    /// The workload and the plugin that serves it.
    public func owner(of id: String) -> (plugin: String, subject: Subject)? {
        entries.withLock { $0[id].map { ($0.plugin, $0.subject) } }
    }
}
