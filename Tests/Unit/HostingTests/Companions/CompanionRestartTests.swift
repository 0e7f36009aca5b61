import CHost
import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("Companion restarts", .serialized)
struct CompanionRestartTests {
    private let one: CompanionIdentity

    init() throws { one = try CompanionIdentity(plugin: "tester", instance: "one") }

    @Test("restarts are 1, 2, 4 … 60 s apart, and too many within the time end them")
    func backsOff() {
        let rule = CompanionRestart(when: .onFailure, limit: 8, within: .seconds(600))
        var history = RestartHistory()
        var pauses: [Int64] = []
        for second in 1...8 {
            guard case .restart(let pause, let attempt) = history.next(rule, hasFailed: true, at: Int64(second)) else {
                break
            }
            #expect(attempt == second)
            pauses.append(pause.components.seconds)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(history.next(rule, hasFailed: true, at: 9) == .giveUp)
        #expect(history.next(rule, hasFailed: true, at: 10) == .restart(after: .seconds(1), attempt: 1), "asked anew")
    }

    @Test("ends long ago do not count, nor those of another start of the machine; an end in order is none on-failure")
    func forgets() {
        let rule = CompanionRestart(when: .onFailure, limit: 1, within: .seconds(100))
        var history = RestartHistory(ends: [5000])
        #expect(history.next(rule, hasFailed: true, at: 10) == .restart(after: .seconds(1), attempt: 1))
        #expect(history.next(rule, hasFailed: true, at: 111) == .restart(after: .seconds(1), attempt: 1))
        #expect(history.next(rule, hasFailed: false, at: 112) == .none)
        #expect(history.next(.never, hasFailed: true, at: 113) == .none)
        let always = CompanionRestart(when: .always, limit: 5, within: .seconds(100))
        #expect(history.next(always, hasFailed: false, at: 114) == .restart(after: .seconds(2), attempt: 2))
    }

    private static let rule: JSONObject = ["restart": ["when": "on-failure", "limit": 2]]

    private func relaunch(_ runner: CompanionRunner, _ script: String) {
        runner.restartBy { [weak runner] record in
            guard let runner else { throw HostingError(.unavailable, "gone") }
            return try runner.launch(script, extra: Self.rule, slots: record.slots)
        }
    }

    @Test("what fails is started again by the node, the plugin is told what was done, and in the end that it gave up")
    func restarts() async throws {
        try await CompanionBench().withRunner { runner in
            let script = "echo x >> \(runner.folder(one).files)/starts; exit 4"
            relaunch(runner, script)
            _ = try await runner.startScript(script, extra: Self.rule)
            var exits = runner.exits.makeAsyncIterator()
            let users = Set(try runner.folder(one).record().map { [$0.user] } ?? [])
            #expect(await exits.next()?.taken == .restart(after: .seconds(1), attempt: 1))
            #expect(try await runner.status(one, workload: nil)?.isDue == true)
            #expect(await exits.next()?.taken == .restart(after: .seconds(2), attempt: 2))
            let last = try #require(await exits.next())
            #expect(last.taken == .gaveUp)
            #expect(last.json["taken"] == ["action": "gave-up"])
            #expect(last.code == 4)
            #expect(try SmallFile.read("\(runner.folder(one).files)/starts") == Array("x\nx\nx\n".utf8))
            #expect(try runner.folder(one).record().map { users.contains($0.user) } == true, "its files stay its own")
            #expect(try await runner.status(one, workload: nil)?.isDue == false)
        }
    }

    @Test("a restart that was due when the core ended is done by the next core, which counts on")
    func survivesTheCore() async throws {
        let bench = CompanionBench()
        let first = try bench.runner()
        let script = "exit 5"
        _ = try await first.startScript(script, extra: Self.rule)
        let entry = try #require(await first.running[one])
        #expect(CompanionRunner.waitEnd(entry.handle, .seconds(10)))
        // The first core deals with the end, and is gone before the pause is over.
        _ = try await first.gate.holding(one.key) {
            let exit = try #require(try await first.finish(one))
            #expect(try await first.settle(one, exit).taken == .restart(after: .seconds(1), attempt: 1))
        }
        try await bench.withRunner { second in
            relaunch(second, script)
            try await second.adopt()
            var exits = second.exits.makeAsyncIterator()
            #expect(await exits.next()?.taken == .restart(after: .seconds(2), attempt: 2))
        }
    }

    @Test("stopping or deleting what is about to be started again leaves it ended")
    func stopsForGood() async throws {
        try await CompanionBench().withRunner { runner in
            relaunch(runner, "exec sleep 1000")
            _ = try await runner.startScript("exit 6", extra: Self.rule)
            var exits = runner.exits.makeAsyncIterator()
            _ = await exits.next()
            await #expect(throws: HostingError.self) {
                try await runner.stop(one, signal: SIGTERM, grace: .zero, workload: "8-1-y")
            }
            try await runner.stop(one, signal: SIGTERM, grace: .zero, workload: "7-12-x")
            #expect(try await runner.status(one, workload: nil)?.isDue == false)
            try await Task.sleep(for: .milliseconds(1200))  // the pause that there would have been
            #expect(try await runner.status(one, workload: nil)?.isRunning == false)
        }
    }

    @Test("a start by the plugin does not wait for the pause, and does not forget earlier ends")
    func startsAtOnce() async throws {
        try await CompanionBench().withRunner { runner in
            _ = try await runner.startScript("exit 6", extra: Self.rule)
            var exits = runner.exits.makeAsyncIterator()
            _ = await exits.next()
            #expect(try await runner.startScript("exec sleep 1000", extra: Self.rule).started)
            let record = try #require(try runner.folder(one).record())
            #expect(!record.isDue && record.history.ends.count == 1)
        }
    }
}
