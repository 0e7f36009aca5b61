import JSON
import Synchronization

/// A version of a plugin that has been started beside the one that serves, and what it made of the workloads.
public final class PluginTrial: Sendable {
    struct Found: Sendable {
        /// As the version that serves left it.
        let before: Subject
        /// As this version sees it.
        var after: Subject
    }

    private struct State {
        var isOver = false
        var found: [String: Found] = [:]
    }

    public let runnable: RunnablePlugin
    private let state = Mutex(State())

    init(_ runnable: RunnablePlugin) { self.runnable = runnable }

    /// From now on the version serves; a workload that it cannot read costs that workload only.
    func end() { state.withLock { $0.isOver = true } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func record(_ before: Subject, _ after: Subject) {
        state.withLock { $0.found[before.id] = Found(before: before, after: after) }
    }
    func forget(_ id: String) { state.withLock { $0.found[id] = nil } }
    var found: [String: Found] { state.withLock { $0.found } }

    /// The states that the version has turned into its own form, by workload.
    public var migrated: [String: JSONValue] {
        found.filter { $0.value.before.state != $0.value.after.state }.mapValues(\.after.state)
    }
}
