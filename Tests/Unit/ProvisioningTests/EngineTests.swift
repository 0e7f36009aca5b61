import Hosting
import JSON
import Provisioning
import Testing

@Suite("Engine")
struct EngineTests {
    @Test("a deployment is run in the order of its references and every step is in the history")
    func runsInOrder() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let text = try fixture.deployment([
                fixture.workload("vm", "machine", ["disks": ["data"], "net": "n"]),
                fixture.workload("data", "disk", ["size": 5]), fixture.workload("n", "net", [:]),
            ])
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["vm": "ok", "data": "ok", "n": "ok"])
            let provisions = fixture.host.calls.filter { $0.hasPrefix("provision") }
            #expect(provisions.last == "provision vm")
            let history = try await fixture.history(engine)
            #expect(history.prefix(3).sorted() == ["data 0 init", "n 0 init", "vm 0 init"])
            #expect(history.count == 6)
            let got = try JSONValue(parsing: try await engine.get(contract: 12, caller: 7))
            #expect(got["workloads"]?[0]?["result"]?["data"]?["refs"] == ["7-12-data", "7-12-n"])
        }
    }

    @Test(
        "a refusal stores nothing",
        arguments: [
            ("wrong hash", "contract hash does not match deployment hash"),
            ("foreign", "twin id mismatch (deployment: 7, message: 8)"),
            ("missing reference", "workload 'vm' refers to 'data' at /disks/0, which does not exist"),
            ("wrong type", "workload 'vm' refers to 'data' at /disks/0, which is of type net, not disk"),
            ("plugin", "refused by its plugin"),
            ("schema", "workload 'data' of type 'disk': /bad is not allowed"),
            ("unknown type", "invalid reservation type 'ghost'"),
            ("duplicate", "multiple workloads with the same name 'data'"),
            ("version", "expected version to be 0 on deployment creation: invalid version"),
            ("null data", "failed to load data"),
            ("unsigned", "failed to verify signature"),
            ("ledger", "failed to get deployment contract: ledger unreachable"),
        ])
    func refusals(_ name: String, _ text: String) async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let disk = fixture.workload("data", "disk", ["size": 5])
            let vm = fixture.workload("vm", "machine", ["disks": ["data"], "net": ""])
            var received: [UInt8]
            switch name {
            case "missing reference": received = try fixture.deployment([vm])
            case "wrong type": received = try fixture.deployment([vm, fixture.workload("data", "net", [:])])
            case "plugin": received = try fixture.deployment([fixture.workload("data", "disk", ["refuse": true])])
            case "schema": received = try fixture.deployment([fixture.workload("data", "disk", ["bad": true])])
            case "unknown type": received = try fixture.deployment([fixture.workload("g", "ghost", [:])])
            case "duplicate": received = try fixture.deployment([disk, disk])
            case "version":
                received = try fixture.deployment([fixture.workload("data", "disk", [:], version: 1)], version: 1)
            default: received = try fixture.deployment([disk])
            }
            if name == "wrong hash" { fixture.gate.set(12, String(repeating: "0", count: 32)) }
            if name == "ledger" { fixture.gate.setDown(true) }
            if name == "null data" {
                let text = String(decoding: received, as: UTF8.self).replacing("{\"size\":5}", with: "null")
                received = Array(text.utf8)
            }
            if name == "unsigned" {
                let text = String(decoding: received, as: UTF8.self)
                let start = try #require(text.range(of: "\"signature\":\"")).upperBound
                let other = text[start] == "0" ? "1" : "0"
                received = Array((text[..<start] + other + text[text.index(after: start)...]).utf8)
            }
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.deploy(received, caller: name == "foreign" ? 8 : 7, keys: fixture.keys)
            }
            #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
            #expect(refusal?.isRetryable == (name == "ledger"))
            await #expect(throws: Refusal.self) { try await engine.get(contract: 12, caller: 7) }
            #expect(!fixture.host.calls.contains { $0.hasPrefix("provision") })
        }
    }

    @Test("a shareable name is unique per twin, and another deployment may refer to it")
    func shareable() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            try await engine.deploy(
                try fixture.deployment([fixture.workload("n", "net", [:])]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            let again = try fixture.deployment([fixture.workload("n", "net", [:])], contract: 13)
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.deploy(again, caller: 7, keys: fixture.keys)
            }
            #expect(refusal?.message == "global workload with the same name 'n' exists: conflict")
            let user = try fixture.deployment([fixture.workload("vm", "machine", ["net": "n"])], contract: 14)
            try await engine.deploy(user, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine, contract: 14) == ["vm": "ok"])
        }
    }

    @Test("an update adds, changes and removes, and a refused change leaves the workload as it was")
    func update() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let disk = fixture.workload("data", "disk", ["size": 5])
            let net = fixture.workload("n", "net", [:])
            try await engine.deploy(try fixture.deployment([disk, net]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            fixture.host.change { $0.outcomes["data"] = HostOutcome(.unchanged, message: "not safe to shrink a disk") }
            let next = try fixture.deployment(
                [
                    fixture.workload("data", "disk", ["size": 3], version: 1),
                    fixture.workload("more", "disk", ["size": 4], version: 1),
                ], version: 1)
            try await engine.update(next, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "ok", "more": "ok"])
            let history = try await fixture.history(engine)
            #expect(history.contains("data 1 unchanged"))
            #expect(history.contains("n 0 deleted"))
            #expect(history.contains("more 1 init") && history.contains("more 1 ok"))
            let got = try JSONValue(parsing: try await engine.get(contract: 12, caller: 7))
            #expect(got["workloads"]?[0]?["data"] == ["size": 5])
            #expect(got["workloads"]?[0]?["version"] == 0)
            #expect(got["version"] == 1)
        }
    }

    @Test(
        "updates of what cannot change are refused as a whole",
        arguments: [
            ("fixed", "workload 'fixed' does not support upgrade: upgrade validation error"),
            ("member", "workload 'data' cannot change /label in place"),
            ("version", "expecting deployment version 1, got 2: upgrade validation error"),
        ])
    func updateRefusals(_ name: String, _ text: String) async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let disk = fixture.workload("data", "disk", ["size": 5, "label": "a"])
            let fixed = fixture.workload("f", "fixed", [:])
            try await engine.deploy(try fixture.deployment([disk, fixed]), caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            let version: UInt32 = name == "version" ? 2 : 1
            let next = try fixture.deployment(
                [
                    name == "member" ? fixture.workload("data", "disk", ["size": 5, "label": "b"], version: 1) : disk,
                    name == "fixed" ? fixture.workload("f", "fixed", [:], version: 1) : fixed,
                ], version: version)
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.update(next, caller: 7, keys: fixture.keys)
            }
            #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
            let got = try JSONValue(parsing: try await engine.get(contract: 12, caller: 7))
            #expect(got["version"] == 0)
        }
    }

    @Test("a plugin that fails leaves an error that the user can read, and the others run")
    func failure() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            fixture.host.change {
                $0.failures["provision bad"] = [HostingError(.operationFailed, "no space left")]
                $0.failures["provision slow"] = [HostingError(.notRunning, "worker starts", isRetryable: true)]
            }
            let text = try fixture.deployment([
                fixture.workload("bad", "disk", [:]), fixture.workload("slow", "disk", [:]),
                fixture.workload("vm", "machine", ["disks": ["bad"]]),
            ])
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["bad": "error", "slow": "ok", "vm": "error"])
            let got = try JSONValue(parsing: try await engine.get(contract: 12, caller: 7))
            #expect(got["workloads"]?[0]?["result"]?["message"] == "no space left")
        }
    }

    @Test("one stuck workload delays no other deployment")
    func stuck() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            fixture.host.change { $0.held = ["stuck"] }
            try await engine.deploy(
                try fixture.deployment([fixture.workload("stuck", "disk", [:])]), caller: 7, keys: fixture.keys)
            try await engine.deploy(
                try fixture.deployment([fixture.workload("free", "disk", [:])], contract: 13), caller: 7,
                keys: fixture.keys)
            let deadline = ContinuousClock.now + .seconds(10)
            while try await fixture.states(engine, contract: 13) != ["free": "ok"] {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(try await fixture.states(engine) == ["stuck": "init"])
            fixture.host.release("stuck")
            try await fixture.idle(engine)
        }
    }

    @Test("cancelling removes in reverse, retries what fails, and forgets the deployment only then")
    func removal() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let text = try fixture.deployment([
                fixture.workload("data", "disk", ["size": 5]),
                fixture.workload("vm", "machine", ["disks": ["data"]]),
            ])
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            fixture.host.change { $0.failures["deprovision data"] = [HostingError(.operationFailed, "busy")] }
            try await engine.remove(contract: 12, reason: "contract canceled event received")
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "error"])
            await engine.tick()
            try await fixture.idle(engine)
            await #expect(throws: Refusal.self) { try await engine.get(contract: 12, caller: 7) }
            let removals = fixture.host.calls.filter { $0.hasPrefix("deprovision") }
            #expect(removals == ["deprovision vm", "deprovision data", "deprovision data"])
        }
    }

    @Test("grace pauses what runs and its end resumes it")
    func grace() async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine { engine in
            let text = try fixture.deployment([
                fixture.workload("data", "disk", ["size": 5]), fixture.workload("vm", "machine", ["disks": ["data"]]),
            ])
            try await engine.deploy(text, caller: 7, keys: fixture.keys)
            try await fixture.idle(engine)
            try await engine.pause(contract: 12)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "paused", "vm": "paused"])
            #expect(fixture.host.calls.contains("pause vm") && !fixture.host.calls.contains("pause data"))
            try await engine.resume(contract: 12)
            try await fixture.idle(engine)
            #expect(try await fixture.states(engine) == ["data": "ok", "vm": "ok"])
        }
    }

    @Test(
        "memory and storage that are not there are refused at once, with the grid's text",
        arguments: [
            ("memory", 3_221_225_472, "memory size 3221225472 bytes out of usable 2147483648 bytes"),
            ("size", 101, "storage size 101 bytes out of usable 100 bytes"),
        ])
    func admission(_ member: String, _ value: Int64, _ text: String) async throws {
        let fixture = try EngineFixture()
        try await fixture.withEngine(memory: 4 << 30, storage: 100) { engine in
            let received = try fixture.deployment([
                fixture.workload("vm", "machine", .object([member: .number(JSONNumber(value))]))
            ])
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.deploy(received, caller: 7, keys: fixture.keys)
            }
            #expect(refusal?.message == "failed to satisfy required capacity: cannot fulfil required \(text)")
            #expect(refusal?.isRetryable == false)
        }
    }
}
