import Hosting
import JSON

/// Passes everything on, by way of the fault board.
struct HeldHost: WorkloadHost {
    let host: any WorkloadHost
    let board: FaultBoard

    func types() -> [HostedType] { host.types() }
    func type(named name: String) -> HostedType? { host.type(named: name) }

    func validate(_ subject: Subject) async throws {
        board.noteQuestion(to: plugin(subject.type))
        try await host.validate(subject)
    }

    func capacity(type: String, data: JSONValue) async throws -> Capacity {
        board.noteQuestion(to: plugin(type))
        return try await host.capacity(type: type, data: data)
    }

    func references(type: String, data: JSONValue) async throws -> [ReferenceDemand] {
        board.noteQuestion(to: plugin(type))
        return try await host.references(type: type, data: data)
    }

    func provision(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try await passing("provision", subject) { try await host.provision(subject, paused: paused) }
    }

    func recover(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try await passing("provision", subject) { try await host.recover(subject, paused: paused) }
    }

    func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome {
        try await passing("update", subject) { try await host.update(subject, previous: previous) }
    }

    func pause(_ subject: Subject) async throws -> HostOutcome {
        try await passing("pause", subject) { try await host.pause(subject) }
    }

    func resume(_ subject: Subject) async throws -> HostOutcome {
        try await passing("resume", subject) { try await host.resume(subject) }
    }

    func deprovision(_ subject: Subject) async throws {
        try await passing("deprovision", subject) { try await host.deprovision(subject) }
    }

    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws -> JSONValue {
        try await host.command(name, caller: caller, payload: payload, workloads: workloads)
    }

    private func passing<T: Sendable>(
        _ operation: String, _ subject: Subject, _ body: @Sendable () async throws -> T
    ) async throws -> T {
        let plugin = plugin(subject.type)
        await board.pass("\(operation) asked", of: plugin)
        let answer = try await body()
        await board.pass("\(operation) answered", of: plugin)
        return answer
    }

    private func plugin(_ type: String) -> String { host.type(named: type)?.plugin ?? "" }
}
