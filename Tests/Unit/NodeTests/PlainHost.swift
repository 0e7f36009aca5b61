import Hosting
import JSON

/// One type, `plain`, that is there at once and takes anything.
struct PlainHost: WorkloadHost {
    func types() -> [HostedType] {
        [
            HostedType(
                name: "plain", plugin: "test.plain", pluginVersion: "1.0.0", summary: "", schema: true,
                isShareable: false, updatable: [], isPausable: false, references: [], exports: []
            ) { _ in nil }
        ]
    }

    func type(named name: String) -> HostedType? { types().first { $0.name.utf8.elementsEqual(name.utf8) } }
    func validate(_ subject: Subject) {}
    func capacity(type: String, data: JSONValue) -> Capacity { .none }
    func references(type: String, data: JSONValue) -> [ReferenceDemand] { [] }
    func provision(_ subject: Subject, paused: Bool) -> HostOutcome { HostOutcome(.ready, result: [:]) }
    func update(_ subject: Subject, previous: JSONValue) -> HostOutcome { HostOutcome(.ready, result: [:]) }
    func pause(_ subject: Subject) -> HostOutcome { HostOutcome(.ready) }
    func resume(_ subject: Subject) -> HostOutcome { HostOutcome(.ready) }
    func deprovision(_ subject: Subject) {}
    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) -> JSONValue { .null }
}
