import JSON
import Testing

@testable import Hosting

@Suite("LookupBroker", .serialized)
struct LookupBrokerTests {
    /// An engine that knows two workloads of deployment 7-12 and nothing else.
    private struct Book: WorkloadEvents {
        let views: [WorkloadView]

        func subjects(of types: [String]) async -> [Subject] { [] }
        func reprovision(_ workload: String) async {}
        func fail(_ workload: String, message: String) async {}
        func progress(_ workload: String, message: String) async {}
        func lookup(_ name: WorkloadName, from subject: Subject) async -> WorkloadView? {
            guard subject.twin == 7 else { return nil }
            return views.first { name == .name($0.name) || name == .id($0.id) }
        }
    }

    private static func view(_ name: String) -> WorkloadView {
        WorkloadView(
            id: "7-12-\(name)", name: name, type: "thing", version: 3, state: "ok", data: ["secret": "data"],
            result: ["secret": "result"])
    }

    @Test("name, type and state show; data and result only of own and referenced ones, exports only by a reference")
    func shows() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            brokers.attach(Book(views: [Self.view("y"), Self.view("foreign")]))
            let own = await brokers.ask("first", "workload.lookup", ["name": "y"], workload: "7-12-x")
            #expect(own.payload["workload"]?["state"] == "ok" && own.payload["workload"]?["data"] == ["secret": "data"])
            let foreign = await brokers.ask("first", "workload.lookup", ["name": "foreign"], workload: "7-12-x")
            #expect(foreign.payload["workload"]?["type"] == "thing", "\(foreign.payload)")
            #expect(!foreign.payload.text.contains("secret"), "\(foreign.payload)")
            #expect(foreign.payload["workload"]?["exports"] == [])
            let export = Export(kind: "segment", value: ["segment": "b-x"])
            let reference = SubjectReference(
                pointer: "/n", name: "foreign", workload: "7-12-foreign", type: "thing", state: "ok", data: [:],
                result: .null, exports: [export])
            bench.registry.record(bench.subject("7-12-x", references: [reference]), of: "first")
            let referred = await brokers.ask(
                "first", "workload.lookup", ["reference": "7-12-foreign"], workload: "7-12-x")
            #expect(referred.payload["workload"]?["exports"] == [export.json], "\(referred.payload)")
        }
    }

    @Test("another twin's workload looks like one that does not exist, and a lookup needs a workload")
    func hides() async throws {
        let bench = try BrokerBench()
        var stranger = bench.subject("8-13-z")
        stranger.twin = 8
        try await bench.withBrokers { brokers, _ in
            bench.registry.record(stranger, of: "second")
            brokers.attach(Book(views: [Self.view("y")]))
            for name in ["y", "nothing"] {
                let answer = await brokers.ask("second", "workload.lookup", ["name": .string(name)], workload: "8-13-z")
                #expect(answer.payload == ["workload": .null], "\(answer.payload)")
            }
            #expect(await brokers.ask("first", "workload.lookup", ["name": "y"]).status == .invalid)
            #expect(
                await brokers.ask("first", "workload.lookup", ["name": "y", "reference": "7-12-y"], workload: "7-12-x")
                    .status == .invalid)
        }
    }

    @Test("a plugin lists its own workloads and no others")
    func lists() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            func ids(_ plugin: String, _ workload: String?) async -> [String] {
                let answer = await brokers.ask(plugin, "workload.list", [:], workload: workload)
                return (answer.payload["workloads"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            }
            #expect(await ids("first", nil) == ["7-12-x", "7-12-y"])
            #expect(await ids("second", "8-13-z") == ["8-13-z"])
            #expect(await ids("third", nil).isEmpty)
        }
    }
}
