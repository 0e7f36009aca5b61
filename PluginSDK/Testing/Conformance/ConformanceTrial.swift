import JSON
import Synchronization

/// A run in progress: what cases share.
final class ConformanceTrial: Sendable {
    /// A deployment of an example that exists now.
    struct Deployed: Sendable, Hashable {
        let contract: UInt64
        let user: ConformanceUser
        let n: Int
    }

    private struct State {
        var notes: [String] = []
        var deployed: Set<Deployed> = []
        var numbers: Set<Int> = []
    }

    let plugin: ConformancePlugin
    let examples: [ConformanceExample]
    let settings: ConformanceSettings
    let node: any ConformanceNode
    private let state = Mutex(State())

    init(
        plugin: ConformancePlugin, examples: [ConformanceExample], settings: ConformanceSettings,
        node: any ConformanceNode
    ) {
        self.plugin = plugin
        self.examples = examples
        self.settings = settings
        self.node = node
    }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func takeNotes() -> [String] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    /// Expects something, in a sentence that says what is not so otherwise.
    func expect(_ condition: Bool, _ complaint: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(complaint()) }
    }

    // MARK: deployments

    /// Hands over an example. The lowest number that is free is its `n`.
    func accept(
        _ example: ConformanceExample, as user: ConformanceUser = .first, with change: ConformanceExample.Change? = nil
    ) async throws -> Deployed {
        let n = state.withLock { state in
            let free = (1...99).first { !state.numbers.contains($0) } ?? 99
            state.numbers.insert(free)
            return free
        }
        do {
            let contract = try await node.deploy(workloads(example, n, with: change), as: user)
            let deployed = Deployed(contract: contract, user: user, n: n)
            state.withLock { _ = $0.deployed.insert(deployed) }
            return deployed
        } catch {
            state.withLock { _ = $0.numbers.remove(n) }
            throw error
        }
    }

    func workloads(_ example: ConformanceExample, _ n: Int, with change: ConformanceExample.Change? = nil)
        -> [JSONValue]
    {
        example.workloads(n, values: settings.values, with: change)
    }

    /// Deploys an example and waits until all of it is okay.
    func deploy(_ example: ConformanceExample, as user: ConformanceUser = .first) async throws -> Deployed {
        let deployed = try await accept(example, as: user)
        _ = try await settled(deployed, "ok")
        return deployed
    }

    /// Waits until every workload is in this state; `error` ends the waiting.
    func settled(_ deployed: Deployed, _ state: String, version: UInt64? = nil) async throws -> [ConformanceWorkload] {
        try await eventually("every workload of contract \(deployed.contract) is \(state)") {
            guard let workloads = try await self.node.workloads(of: deployed.contract, as: deployed.user) else {
                throw ConformanceFailure("the node has lost contract \(deployed.contract)")
            }
            if state != "error", let failed = workloads.first(where: { $0.state == "error" }) {
                throw ConformanceFailure("workload '\(failed.name)' ended in error: \(failed.message)")
            }
            let isThere = workloads.allSatisfy { $0.state == state || !self.plugin.owns($0.type) && $0.state == "ok" }
            let isNew = version.map { version in workloads.contains { $0.version >= version } } ?? true
            return isThere && isNew ? workloads : nil
        }
    }

    /// Ends a deployment and waits until the node has nothing of it.
    func cancel(_ deployed: Deployed) async throws {
        try await node.cancel(deployed.contract, as: deployed.user)
        try await removed(deployed)
    }

    func removed(_ deployed: Deployed) async throws {
        try await eventually("contract \(deployed.contract) is removed") {
            guard let left = try await self.node.workloads(of: deployed.contract, as: deployed.user) else { return () }
            return left.contains { $0.state != "deleted" } ? nil : ()
        }
        state.withLock { state in
            state.deployed.remove(deployed)
            state.numbers.remove(deployed.n)
        }
    }

    /// After a failed case: what it left is taken away, as far as that works.
    func cleanUp() async {
        try? await node.release()  // Nothing may be held.
        for deployed in state.withLock({ $0.deployed }) {
            // It may be cancelled already, and a plugin that is broken may refuse to remove it: the next case says so.
            try? await node.cancel(deployed.contract, as: deployed.user)
            try? await removed(deployed)
        }
        state.withLock { ($0.deployed, $0.numbers) = ([], []) }
    }

    // MARK: observation

    /// Waits until the host is as it was.
    func expectTraces(_ before: [String]) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            let now = try await node.traces()
            if now == before { return }
            guard ContinuousClock.now < end else {
                throw ConformanceFailure(Self.difference(before, now))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    static func difference(_ before: [String], _ after: [String]) -> String {
        let left = after.filter { !before.contains($0) }.map { "left behind: \($0)" }
        let gone = before.filter { !after.contains($0) }.map { "taken away: \($0)" }
        let lines = left + gone
        return lines.isEmpty ? "the same things exist more often than before" : lines.prefix(20).joined(separator: "\n")
    }

    /// Looks again and again. Throws after the patience of the settings, with what it waited for.
    func eventually<T: Sendable>(
        _ what: String, _ look: () async throws -> T?
    ) async throws -> T {
        let end = ContinuousClock.now + settings.patience
        while true {
            if let found = try await look() { return found }
            guard ContinuousClock.now < end else {
                throw ConformanceFailure("not within \(settings.patience): \(what)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The plugin's own workloads of a deployment, as it is told of them.
    func subjects(of deployed: Deployed) async throws -> [JSONValue] {
        try await node.subjects().filter { $0["contract"]?.uint64Value == deployed.contract }
    }
}
