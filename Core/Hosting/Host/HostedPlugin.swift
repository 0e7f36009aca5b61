import Synchronization

/// A version of a plugin that runs on this node: its verified package and its worker.
final class HostedPlugin: Sendable {
    let runnable: RunnablePlugin
    let worker: PluginWorker
    /// Who is asking it something now.
    private let askers = Mutex(0)

    init(_ runnable: RunnablePlugin, worker: PluginWorker) {
        self.runnable = runnable
        self.worker = worker
    }

    var package: PluginPackage { runnable.package }
    var id: String { package.manifest.id }
    var typeNames: [String] { package.types.map(\.declaration.name) }

    func enter() { askers.withLock { $0 += 1 } }
    func leave() { askers.withLock { $0 -= 1 } }

    /// Waits until nobody asks it anything, at most for `patience`.
    func becomeIdle(within patience: Duration) async {
        let end = ContinuousClock.now + patience
        while askers.withLock({ $0 > 0 }), ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
        }
    }

    var report: PluginReport {
        let status = worker.status
        var reason = ""
        var next: Int64?
        if case .failed(let failure, let retryAt) = status.state {
            reason = failure.message
            next = retryAt.map { max(0, ContinuousClock.now.duration(to: $0).components.seconds) }
        }
        return PluginReport(
            id: id, version: package.manifest.version.text, types: typeNames, state: status.name,
            reason: reason, nextAttempt: next, restarts: status.restarts, failures: status.failures,
            health: status.health?.text, abilities: status.ready?.abilityNames ?? [])
    }
}

/// The way to a plugin: leads to the version that serves, and keeps callers waiting while that changes.
final class PluginDoor: Sendable {
    private struct State {
        var current: HostedPlugin
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>

    init(_ plugin: HostedPlugin) { state = Mutex(State(current: plugin)) }

    var current: HostedPlugin { state.withLock { $0.current } }

    /// The version that serves; it is kept until `leave`.
    func enter() async -> HostedPlugin {
        while true {
            let entered: HostedPlugin? = state.withLock { state in
                guard !state.isHeld else { return nil }
                state.current.enter()
                return state.current
            }
            if let entered { return entered }
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.isHeld { state.waiting.append(continuation) }
                    return !state.isHeld
                }
                if isOpen { continuation.resume() }
            }
        }
    }

    /// Keeps new callers waiting.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets callers in again.
    func release() {
        let waiting = state.withLock { state in
            defer { (state.isHeld, state.waiting) = (false, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func replace(with plugin: HostedPlugin) { state.withLock { $0.current = plugin } }
}
