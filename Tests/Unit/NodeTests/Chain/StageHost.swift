import Hosting
import JSON
import Synchronization

/// One pausable type, `plain`, whose operations are noted and can be held.
final class StageHost: WorkloadHost {
    private struct State {
        var calls: [String] = []
        var held: Set<String> = []
        var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
    }
    private let state = Mutex(State())

    /// "operation name", in order.
    var calls: [String] { state.withLock { $0.calls } }

    /// Lets the next operations of this kind wait.
    func hold(_ operation: String) { _ = state.withLock { $0.held.insert(operation) } }

    func release(_ operation: String) {
        let waiting = state.withLock { state in
            state.held.remove(operation)
            return state.waiting.removeValue(forKey: operation) ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    func isWaiting(_ operation: String) -> Bool { state.withLock { $0.waiting[operation] != nil } }

    private func pass(_ operation: String, _ name: String) async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                state.calls.append("\(operation) \(name)")
                guard state.held.contains(operation) else { return false }
                state.waiting[operation, default: []].append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }

    func types() -> [HostedType] {
        [
            HostedType(
                name: "plain", plugin: "test.plain", pluginVersion: "1.0.0", summary: "", schema: true,
                isShareable: false, updatable: [""], isPausable: true, references: [], exports: []
            ) { _ in nil }
        ]
    }

    func type(named name: String) -> HostedType? { types().first { $0.name.utf8.elementsEqual(name.utf8) } }
    func validate(_ subject: Subject) async { await pass("validate", subject.name) }
    func capacity(type: String, data: JSONValue) -> Capacity { Capacity(cru: 1, mru: 1 << 20) }
    func references(type: String, data: JSONValue) -> [ReferenceDemand] { [] }
    func provision(_ subject: Subject, paused: Bool) async -> HostOutcome {
        await pass("provision", subject.name)
        return HostOutcome(subject.result.isNull ? .ready : .present, result: [:])
    }
    func update(_ subject: Subject, previous: JSONValue) async -> HostOutcome {
        await pass("update", subject.name)
        return HostOutcome(.ready, result: [:])
    }
    func pause(_ subject: Subject) async -> HostOutcome {
        await pass("pause", subject.name)
        return HostOutcome(.ready)
    }
    func resume(_ subject: Subject) async -> HostOutcome {
        await pass("resume", subject.name)
        return HostOutcome(.ready)
    }
    func deprovision(_ subject: Subject) async { await pass("deprovision", subject.name) }
    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) -> JSONValue { .null }
}
