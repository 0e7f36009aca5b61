import Hosting
import JSON
import Provisioning

/// A host of one type whose workloads are there at once: what is measured is the way to it.
struct InstantHost: WorkloadHost {
    private static let thing = HostedType(
        name: "thing", plugin: "bench.thing", pluginVersion: "1.0.0", summary: "", schema: true, isShareable: false,
        updatable: [], isPausable: false, references: [], exports: []
    ) { _ in nil }

    func types() -> [HostedType] { [Self.thing] }
    func type(named name: String) -> HostedType? { name == "thing" ? Self.thing : nil }
    func validate(_ subject: Subject) async throws {}
    func capacity(type: String, data: JSONValue) async throws -> Capacity { .none }
    func references(type: String, data: JSONValue) async throws -> [ReferenceDemand] { [] }
    func provision(_ subject: Subject, paused: Bool) async throws -> HostOutcome { HostOutcome(.ready, result: [:]) }
    func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome { HostOutcome(.ready) }
    func pause(_ subject: Subject) async throws -> HostOutcome { HostOutcome(.ready) }
    func resume(_ subject: Subject) async throws -> HostOutcome { HostOutcome(.ready) }
    func deprovision(_ subject: Subject) async throws {}
    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws -> JSONValue {
        .null
    }
}

/// Contracts and their hashes.
struct BenchGate: AcceptanceGate {
    let hashes: [UInt64: String]

    func contract(_ contract: UInt64, twin: UInt32, hash: String, previous: String?) async throws -> AcceptedTerms {
        guard hashes[contract] == hash else {
            throw Refusal(.contract, "contract hash does not match deployment hash")
        }
        return AcceptedTerms(reserved: [], isPaused: false)
    }

    func reinstallation(_ contract: UInt64, twin: UInt32) async throws -> AcceptedTerms {
        AcceptedTerms(reserved: [], isPaused: false)
    }
}
