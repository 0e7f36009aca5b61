import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// Faults and attacks of a plugin cost its own worker and nothing else; the reason is told.
@Suite("faulty and hostile plugins", .serialized)
struct WorkerFaultTests {
    @Test(
        "a fault ends one worker with its reason",
        arguments: [
            ("segv", "signal 11"), ("trap", "signal 4"), ("abort", "signal 11"), ("exit", "exited with code 7"),
            ("recursion", "signal 11"),
        ])
    func fault(_ what: String, _ reason: String) async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { other in
            try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
                let error = await #expect(throws: HostingError.self) { try await worker.ask(what) }
                #expect(error?.code == .notRunning && error?.isRetryable == true)
                #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
            }
            _ = try await other.ask("echo")
        }
    }

    @Test("a memory bomb ends at the control group's limit and is told apart from a crash")
    func memory() async throws {
        let plan = try WorkerBench.plan(limits: WorkerLimits(memory: 48 << 20))
        try await WorkerBench.withWorker(plan) { worker in
            let error = await #expect(throws: HostingError.self) { try await worker.ask("memory") }
            #expect(error?.message.contains("more memory than it may") == true, "\(String(describing: error))")
        }
    }

    @Test("a flood of descriptors ends at the limit, and the plugin is told")
    func descriptors() async throws {
        let plan = try WorkerBench.plan(limits: WorkerLimits(descriptors: 64))
        try await WorkerBench.withWorker(plan) { worker in
            let (reply, _) = try await worker.ask("descriptors")
            #expect(reply == ["count": 60, "errno": .number(JSONNumber(EMFILE))])
        }
    }

    @Test(
        "a hostile frame ends the worker with its reason",
        arguments: [
            ("magic", "magic"), ("kind", "unknown kind"), ("direction", "wrong direction"), ("length", "77 bytes"),
            ("foreign id", "999999"), ("huge packet", "too large"), ("short packet", "no header"),
            ("note", "unknown kind 0"), ("twice", "not open"), ("reply flood", "not open"),
            ("call flood", "call"), ("log flood", "log messages"), ("not json", "no JSON"),
        ])
    func frames(_ what: String, _ reason: String) async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan(), restarts: RestartPolicy(first: .seconds(100))) {
            worker in
            // "twice" answers first and is caught at the second answer.
            _ = try? await worker.ask(what)
            let failure = try await worker.failure()
            #expect(failure.kind == .protocolViolation && failure.message.contains(reason), "\(failure)")
        }
    }

    @Test("a plugin that closes its socket is ended")
    func closedSocket() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let error = await #expect(throws: HostingError.self) { try await worker.ask("close socket") }
            #expect(error?.isRetryable == true)
        }
    }

    @Test("a flood of output is dropped and hurts nobody")
    func output() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            _ = try await worker.ask("output flood")
            _ = try await worker.ask("echo")
        }
    }

    @Test("nothing is left behind: no process, no control group")
    func nothingLeft() async throws {
        let plan = try WorkerBench.plan()
        let group = "/sys/fs/cgroup/memory/\(WorkerBench.configuration.groupPrefix)/\(plan.plugin)"
        let before = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/memory")
        try await WorkerBench.withWorker(plan) { worker in
            #expect(FileManager.default.fileExists(atPath: group) == before)
            _ = try? await worker.ask("segv")
        }
        #expect(!FileManager.default.fileExists(atPath: group))
    }
}
