import Hosting
import JSON
import Provisioning
import Testing

@Suite("Engine after a restart")
struct EngineRestartTests {
    @Test("what was accepted is run after a restart, although nothing had started")
    func acceptedIsRun() async throws {
        let fixture = try EngineFixture()
        fixture.host.change { $0.held = ["data"] }
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("data", "disk", ["size": 5])]), caller: 7, keys: fixture.keys)
        }
        fixture.host.release("data")
        try await fixture.withEngine { engine in
            try await fixture.idle(engine)
            let deadline = ContinuousClock.now + .seconds(10)
            while try await fixture.states(engine) != ["data": "ok"] {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(try await fixture.history(engine) == ["data 0 init", "data 0 ok"])
        }
    }

    @Test("a restart asks the plugin about what runs and writes nothing if it is there")
    func presentWritesNothing() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("data", "disk", ["size": 5])]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
        }
        try await fixture.withEngine { engine in
            let deadline = ContinuousClock.now + .seconds(10)
            while fixture.host.calls.filter({ $0 == "provision data" }).count < 2 {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await fixture.idle(engine)
            #expect(try await fixture.history(engine) == ["data 0 init", "data 0 ok"])
            #expect(try await fixture.states(engine) == ["data": "ok"])
        }
    }

    @Test("a plugin that cannot be asked after a restart costs no workload its state")
    func absentPlugin() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("data", "disk", ["size": 5])]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
        }
        fixture.host.change {
            $0.failures["provision data"] = [HostingError(.unknownType, "no plugin serves the type 'disk'")]
        }
        try await fixture.withEngine { engine in
            let deadline = ContinuousClock.now + .seconds(10)
            while fixture.host.calls.filter({ $0 == "provision data" }).count < 2 {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "ok"])
            await engine.tick()
            try await fixture.idle(engine)
            #expect(fixture.host.calls.filter { $0 == "provision data" }.count == 3)
            #expect(try await fixture.history(engine) == ["data 0 init", "data 0 ok"])
        }
    }

    @Test("a result that is stored while an update is accepted survives a restart")
    func resultDuringUpdate() async throws {
        let fixture = try EngineFixture()
        fixture.host.change { $0.held = ["slow"] }
        try await fixture.withEngine { engine in
            let slow = fixture.workload("slow", "disk", ["size": 5])
            try await engine.deploy(try fixture.deployment([slow]), caller: 7, keys: fixture.keys)
            let next = try fixture.deployment([slow, fixture.workload("more", "disk", [:], version: 1)], version: 1)
            async let accepted: Void = engine.update(next, caller: 7, keys: fixture.keys)
            fixture.host.release("slow")
            try await accepted
            try await fixture.idle(engine)
        }
        try await fixture.withEngine { engine in
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["slow": "ok", "more": "ok"])
        }
    }

    @Test("what runs is looked after at a restart, also when something else of its deployment was interrupted")
    func interruptedNeighbour() async throws {
        let fixture = try EngineFixture()
        fixture.host.change { $0.held = ["slow"] }
        try await fixture.withEngine { engine in
            let text = try fixture.deployment([
                fixture.workload("quick", "disk", ["size": 5]), fixture.workload("slow", "disk", ["size": 5]),
            ])
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            let deadline = ContinuousClock.now + .seconds(30)
            while try await fixture.states(engine)["quick"] != "ok" {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        fixture.host.change { $0.held = [] }
        let before = fixture.host.calls.count
        try await fixture.withEngine { engine in
            let deadline = ContinuousClock.now + .seconds(30)
            while !Set(["provision quick", "provision slow"]).isSubset(of: fixture.host.calls.dropFirst(before)) {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["quick": "ok", "slow": "ok"])
        }
    }

    @Test("what is paused is asked for as paused after a restart, and stays so")
    func pausedStaysPaused() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("vm", "machine", [:])]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            try await engine.pause(contract: 12)
            try await fixture.idle(engine)
        }
        try await fixture.withEngine { engine in
            #expect(await engine.workloadIDs() == ["7-12-vm"])
            let deadline = ContinuousClock.now + .seconds(10)
            while !fixture.host.calls.contains("provision paused vm") {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["vm": "paused"])
            #expect(!fixture.host.calls.contains("resume vm"))
        }
    }

    @Test("the accepted bytes are kept as they were received")
    func bytesAreKept() async throws {
        let fixture = try EngineFixture()
        let text = try fixture.deployment([fixture.workload("data", "disk", ["size": 5])])
        let spaced = Array(
            String(decoding: text, as: UTF8.self).replacing(",\"workloads\"", with: " ,  \"workloads\"").utf8)
        try await fixture.withEngine { engine in
            try await engine.deploy(spaced, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
        }
        try await fixture.withEngine { engine in
            #expect(await engine.acceptedText(contract: 12, twin: 7) == spaced)
        }
    }
}
