import Hosting
import JSON
import Synchronization

/// Types without plugins: `disk`, `net` (shareable), `machine` (refers to both, pausable), `fixed` (never updatable).
final class FakeHost: WorkloadHost {
    struct Behaviour: Sendable {
        /// Errors to throw, first to last, per "operation name".
        var failures: [String: [HostingError]] = [:]
        /// Outcomes of updates by workload name.
        var outcomes: [String: HostOutcome] = [:]
        /// Workloads whose provision waits until it is released.
        var held: Set<String> = []
    }

    private struct State {
        var calls: [String] = []
        var behaviour = Behaviour()
        var waiting: [String: CheckedContinuation<Void, any Error>] = [:]
    }
    private let state = Mutex(State())

    var calls: [String] { state.withLock { $0.calls } }

    func change(_ edit: (inout Behaviour) -> Void) { state.withLock { edit(&$0.behaviour) } }

    func release(_ name: String) {
        let waiting = state.withLock { state in
            state.behaviour.held.remove(name)
            return state.waiting.removeValue(forKey: name)
        }
        waiting?.resume()
    }

    /// Ends what is held as the death of the process would.
    func abandon() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(throwing: CancellationError()) }
    }

    func types() -> [HostedType] {
        [
            make("disk", updatable: ["/size"], exports: ["block-device"]),
            make("net", isShareable: true, updatable: [""], exports: ["segment"]),
            make(
                "machine", isPausable: true,
                references: [
                    ReferenceDeclaration(
                        pointer: "/disks/*", exports: ["block-device"], types: ["disk"], scope: .deployment),
                    ReferenceDeclaration(pointer: "/net", exports: ["segment"], types: nil, scope: .twin),
                ]),
            make("fixed"),
        ]
    }

    func type(named name: String) -> HostedType? { types().first { $0.name == name } }

    private func make(
        _ name: String, isShareable: Bool = false, updatable: [String] = [], isPausable: Bool = false,
        references: [ReferenceDeclaration] = [], exports: [String] = []
    ) -> HostedType {
        HostedType(
            name: name, plugin: "test.\(name)", pluginVersion: "1.0.0", summary: "", schema: true,
            isShareable: isShareable, updatable: updatable, isPausable: isPausable, references: references,
            exports: exports
        ) { data in data["bad"] == nil ? nil : "/bad is not allowed" }
    }

    func validate(_ subject: Subject) async throws {
        try note("validate", subject.name)
        if subject.data["refuse"] != nil { throw HostingError(.invalid, "refused by its plugin") }
    }

    func capacity(type: String, data: JSONValue) async throws -> Capacity {
        Capacity(mru: data["memory"]?.uint64Value ?? 0, sru: data["size"]?.uint64Value ?? 0)
    }

    func references(type: String, data: JSONValue) async throws -> [ReferenceDemand] {
        self.type(named: type)?.references.flatMap { $0.demands(in: data) } ?? []
    }

    func provision(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try note(paused ? "provision paused" : "provision", subject.name)
        try await wait(subject.name)
        if !subject.result.isNull { return HostOutcome(.present) }
        let exports = type(named: subject.type)?.exports.map { Export(kind: $0, value: .string(subject.id)) } ?? []
        return HostOutcome(
            .ready,
            result: ["id": .string(subject.id), "refs": .array(subject.references.map { .string($0.workload) })],
            state: ["version": 1, "data": .string(subject.name)], exports: exports)
    }

    func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome {
        try note("update", subject.name)
        return state.withLock { $0.behaviour.outcomes[subject.name] } ?? HostOutcome(.ready, result: ["updated": true])
    }

    func pause(_ subject: Subject) async throws -> HostOutcome {
        try note("pause", subject.name)
        return HostOutcome(.ready)
    }

    func resume(_ subject: Subject) async throws -> HostOutcome {
        try note("resume", subject.name)
        return HostOutcome(.ready)
    }

    func deprovision(_ subject: Subject) async throws { try note("deprovision", subject.name) }

    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws -> JSONValue {
        .null
    }

    private func note(_ operation: String, _ name: String) throws {
        let failure: HostingError? = state.withLock { state in
            state.calls.append("\(operation) \(name)")
            guard var failures = state.behaviour.failures["\(operation) \(name)"], !failures.isEmpty else { return nil }
            let first = failures.removeFirst()
            state.behaviour.failures["\(operation) \(name)"] = failures
            return first
        }
        if let failure { throw failure }
    }

    private func wait(_ name: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isHeld = state.withLock { state in
                guard state.behaviour.held.contains(name) else { return false }
                state.waiting[name] = continuation
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }
}
