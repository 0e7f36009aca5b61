import Foundation
import Hosting
import JSON
import Synchronization
import Testing
import WorkerFixtures

/// A plugin that gets the faults, and one whose calls must not suffer.
struct FaultBench: Sendable {
    private static let abilities =
        "ABILITIES=(1u<<ZOS_OPERATION_CAPACITY)|(1u<<ZOS_OPERATION_METRICS)"

    let faulty: PluginWorker
    let other: PluginWorker

    static func start() async throws -> FaultBench {
        // Without the ability of health, whose questions would come between.
        let plan = try WorkerBench.plan(
            [abilities], limits: WorkerLimits(memory: 48 << 20, processes: 64, descriptors: 64))
        let bench = FaultBench(faulty: worker(plan), other: worker(try WorkerBench.plan()))
        try await bench.other.start()
        try await bench.faulty.start()
        return bench
    }

    private static func worker(_ plan: WorkerPlan) -> PluginWorker {
        // The pause of the first failure each time: what is measured is one fault, not a row of them.
        PluginWorker(
            plan, launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log,
            restarts: RestartPolicy(longest: .seconds(1), breaker: 1000))
    }

    func stop() async {
        await faulty.stop(grace: .zero)
        await other.stop(grace: .zero)
    }

    /// How many calls the other plugin has answered so far.
    private final class Answers: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    /// How long a busy machine may take for enough calls.
    private let patience = Duration.seconds(30)

    func measure(_ fault: Fault) async throws -> FaultRow {
        let before = try await callOther { _ in try await Task.sleep(for: .milliseconds(150)) }
        var (detection, recovery, outcome) = (Duration.zero, Duration.zero, "")
        let during = try await callOther { answers in
            let lives = faulty.status.restarts
            let began = ContinuousClock.now
            outcome = try await provoke(fault, lives)
            let detected = ContinuousClock.now
            try await answerAgain()
            (detection, recovery) = (detected - began, .now - detected)
            // Enough calls for a percentile, also where all is over at once.
            while ContinuousClock.now - began < .milliseconds(300) || (answers.count <= 10 && .now - began < patience) {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        if case .failure = fault.end {
        } else {
            // What it leaves behind in the worker is not the next fault's business.
            await faulty.stop(grace: .zero)
            try await faulty.start()
        }
        // Detection is bounded by the deadline and what a ping takes; recovery by the pause and a start.
        #expect(detection < fault.deadline + .seconds(25), "\(fault.name): \(detection)")
        #expect(recovery < .seconds(20), "\(fault.name): \(recovery)")
        #expect(during.count > 10, "\(fault.name): the other plugin was hardly served")
        return FaultRow(
            fault: fault, outcome: outcome, detection: detection, recovery: recovery,
            p99Before: Self.percentile(before), p99During: Self.percentile(during))
    }

    /// - Returns: what happened, for the page.
    private func provoke(_ fault: Fault, _ lives: UInt64) async throws -> String {
        let payload: JSONValue = [
            "do": .string(fault.ask), "subject": ["id": "7-12-fault"],
        ]
        let answer = await Self.result {
            try await faulty.request(fault.operation, payload: payload, deadline: fault.deadline).0
        }
        switch fault.end {
        case .told:
            let count = try answer.get()["count"]?.intValue
            #expect(count.map { $0 < 64 } == true, "\(fault.name): \(String(describing: count))")
            #expect(faulty.status.restarts == lives && faulty.status.name == "ready")
            return "the plugin meets its limit and goes on"
        case .lateRequest:
            #expect(throws: HostingError.self) { try answer.get() }
            #expect(faulty.status.restarts == lives && faulty.status.name == "ready", "\(fault.name)")
            return "the request fails, the worker goes on"
        case .failure(let kind, let reason):
            #expect(throws: HostingError.self) { try answer.get() }
            let failure = try await faulty.failure()
            #expect(failure.kind == kind && failure.message.contains(reason), "\(fault.name): \(failure)")
            #expect(failure.message.contains(faulty.plan.plugin))
            return "the worker ends: \(kind.rawValue)"
        }
    }

    private static func result(
        _ body: () async throws -> JSONValue
    ) async -> Result<JSONValue, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func answerAgain() async throws {
        for _ in 0..<4000 {
            // Not ready yet is what is being waited for.
            if (try? await faulty.ask("echo")) != nil { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the plugin does not come back: \(faulty.status)")
    }

    /// How long the other plugin's calls take while `body` runs.
    private func callOther(during body: (Answers) async throws -> Void) async throws -> [Duration] {
        let other = other
        let answers = Answers()
        let calls = Task {
            var times: [Duration] = []
            while !Task.isCancelled {
                let began = ContinuousClock.now
                _ = try await other.ask("echo")
                times.append(.now - began)
                answers.add()
            }
            return times
        }
        do { try await body(answers) } catch {
            calls.cancel()
            _ = await calls.result
            throw error
        }
        calls.cancel()
        return try await calls.value
    }

    private static func percentile(_ times: [Duration]) -> Duration {
        let sorted = times.sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}
