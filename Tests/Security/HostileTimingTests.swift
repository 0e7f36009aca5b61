import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// Acts before the plugin is ready, beside the call that is judged, and at the end.
@Suite("attacks by timing", .serialized, .bystander("timing"))
struct HostileTimingTests {
    @Test(
        "a forbidden act during the load is named, and the worker ends before it is ready",
        arguments: [
            ("constructor", "execve("), ("constructor thread", "execve("), ("resolver", "execve("),
            ("start", "execve("),
            ("anonymous code", "mmap("), ("writable code", "mmap("), ("code by mprotect", "mprotect("),
            ("early ready", "mmap("),
        ])
    func duringLoad(_ moment: String, _ call: String) async throws {
        try await HostilePlugin.run(at: moment) { plugin in
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .sandboxViolation && failure.message.contains(" called \(call)"), "\(failure)")
        }
    }

    @Test(
        "a constructor that speaks for the worker is found out",
        arguments: [
            ("forged ready", "a ready note of org.zos.network"), ("forged sandboxed", "second listener"),
            ("early reply", "not open"),
        ])
    func forged(_ moment: String, _ reason: String) async throws {
        try await HostilePlugin.run(at: moment) { plugin in
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .protocolViolation && failure.message.contains(reason), "\(failure)")
        }
    }

    @Test("a constructor's word that it failed is its word, without control characters")
    func forgedFailure() async throws {
        try await HostilePlugin.run(at: "forged failure") { plugin in
            let failure = try await plugin.worker.failure()
            #expect(
                failure.kind == .notStarted && failure.message.contains(#"\u{1b}[2Jthe node is fine"#), "\(failure)")
        }
    }

    @Test(
        "a load that hangs or leaves is ended with its reason",
        arguments: [
            ("constructor hangs", "not ready in time"), ("constructor exits", "exited"), ("start exits", "exited"),
        ])
    func noStart(_ moment: String, _ reason: String) async throws {
        try await HostilePlugin.run(at: moment, limits: WorkerLimits(start: .milliseconds(500))) { plugin in
            let failure = try await plugin.worker.failure()
            #expect(failure.message.contains(reason), "\(failure)")
        }
    }

    @Test(
        "a constructor is inside the sandbox: files and the launch plan are out of reach",
        arguments: [("constructor reads", EACCES), ("constructor plan", ENOENT)])
    func early(_ moment: String, _ error: Int32) async throws {
        try await HostilePlugin.run(at: moment) { plugin in
            let reply = try await plugin.ask("early")
            #expect(reply == ["result": -1, "errno": .number(JSONNumber(error))])
        }
    }

    @Test("a thread of the constructor that waits for the load to end may not map code then")
    func afterReady() async throws {
        try await HostilePlugin.run(at: "thread after ready") { plugin in
            let failure = try await plugin.worker.failure()
            #expect(failure.kind == .sandboxViolation && failure.message.contains(" called mmap("), "\(failure)")
        }
    }

    @Test(
        "what acts at the end is ended, in time, and leaves no process",
        arguments: ["stop", "stop hangs", "stop exits", "destructor", "thread stays"])
    func atStop(_ moment: String) async throws {
        try await HostilePlugin.run(at: moment) { plugin in
            let began = ContinuousClock.now
            await plugin.worker.stop(grace: .milliseconds(100))
            #expect(ContinuousClock.now - began < .seconds(10))
            #expect(plugin.worker.status.name == "stopped")
            let group = "/sys/fs/cgroup/memory/\(WorkerBench.configuration.groupPrefix)/\(plugin.worker.plan.plugin)"
            #expect(!FileManager.default.fileExists(atPath: group))
        }
    }

    @Test("a call whose judgement is interrupted by signals without end is named all the same")
    func interrupted() async throws { try await HostilePlugin.violation("interrupted", names: "execve(") }

    @Test("a call with every signal blocked is named all the same")
    func masked() async throws { try await HostilePlugin.violation("masked", names: "execve(") }

    @Test("a handler of its own crash is no way around")
    func crashHandler() async throws { try await HostilePlugin.violation("crash handler", names: "execve(") }

    @Test("twenty threads that violate at once are one violation")
    func manyThreads() async throws { try await HostilePlugin.violation("many threads", names: "execve(") }

    @Test("other threads go on for no longer than 50 ms after the violating call, and the call never returns")
    func beside() async throws {
        var shortest = Duration.seconds(1000)
        for _ in 0..<5 where shortest > HostilePlugin.promise {
            let ground = try HostileGround()
            defer { ground.remove() }
            try await ground.attack { plugin in
                let own = try #require(try await plugin.ask("configuration")["folders"]?["pool"]?["descriptor"])
                await #expect(throws: HostingError.self) { try await plugin.ask("beside", ["descriptor": own]) }
                _ = try await plugin.worker.failure()
            }
            let words = try Data(contentsOf: URL(fileURLWithPath: ground.own + "/counter")).withUnsafeBytes {
                Array($0.bindMemory(to: UInt64.self).prefix(3))
            }
            #expect(words[0] > 0 && words[1] > 0 && words[2] == 0, "the forbidden call came back")
            // Less than nothing: they did not get to run again.
            shortest = min(shortest, .nanoseconds(max(0, Int64(words[1]) - Int64(words[0]))))
        }
        print("timing: other threads of the worker went on for \(shortest) after the violating call")
        #expect(shortest <= HostilePlugin.promise)
    }
}
