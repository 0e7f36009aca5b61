import Hosting
import JSON
import Provisioning
import Testing

@Suite("What an engine tells plugins")
struct EngineLookupTests {
    @Test("a lookup sees the deployment and the twin's shareable workloads, and nothing of another twin")
    func lookup() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([
                    fixture.workload("n", "net", [:]), fixture.workload("data", "disk", ["size": 5]),
                ]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            let own = Subject(id: "7-12-n", twin: 7, contract: 12, name: "n", type: "net", version: 0, data: [:])
            var other = own
            other.contract = 13
            var stranger = own
            stranger.twin = 8
            #expect(await engine.lookup(.name("data"), from: own)?.id == "7-12-data")
            #expect(await engine.lookup(.id("7-12-data"), from: own)?.state == "ok")
            #expect(await engine.lookup(.name("n"), from: other)?.id == "7-12-n")
            #expect(await engine.lookup(.id("7-12-n"), from: other)?.type == "net")
            #expect(await engine.lookup(.name("data"), from: other) == nil)
            #expect(await engine.lookup(.id("7-12-data"), from: other) == nil)
            for name: WorkloadName in [.name("n"), .name("data"), .id("7-12-n"), .id("7-12-data"), .id("7-12-x")] {
                #expect(await engine.lookup(name, from: stranger) == nil)
            }
        }
    }

    @Test("progress shows in get until the workload is there, and never in the history")
    func progress() async throws {
        let fixture = try EngineFixture()
        fixture.host.change { $0.held = ["data"] }
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("data", "disk", ["size": 5])]), caller: 7, keys: fixture.keys)
            await engine.note(progress: "first", of: "7-12-data")
            await engine.note(progress: "half \"done\"", of: "7-12-data")
            await engine.note(progress: "of nothing", of: "7-12-ghost")
            func message() async throws -> JSONValue? {
                let json = try JSONValue(parsing: try await engine.get(contract: 12, caller: 7))
                return json["workloads"]?[0]?["result"]?["message"]
            }
            #expect(try await message() == "half \"done\"")
            let deadline = ContinuousClock.now + .seconds(20)
            while !fixture.host.calls.contains("provision data") && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(2))
            }
            fixture.host.release("data")
            try await fixture.idle(engine)
            #expect(try await message() == "")
            #expect(try await !engine.changes(contract: 12, caller: 7).contains("half"))
        }
    }
}
