import Hosting
import JSON
import Testing
import WorkerFixtures

/// What a start and a call cost. Prints figures; the limits only catch a loss of an order of magnitude.
@Suite("cost of a worker", .serialized)
struct WorkerStartTests {
    @Test("20 sandboxed starts from clone to READY")
    func starts() async throws {
        let plan = try WorkerBench.plan()
        var times: [Duration] = []
        for _ in 0..<20 {
            let worker = PluginWorker(
                plan, launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
            let began = ContinuousClock.now
            try await worker.start()
            times.append(ContinuousClock.now - began)
            await worker.stop()
        }
        times.sort()
        print("worker start to READY: fastest \(times[0]), p50 \(times[10]), p99 \(times[19])")
        #expect(times[10] < .seconds(1))
    }

    @Test("1000 calls of 1 KiB")
    func calls() async throws {
        let text = JSONValue.string(String(repeating: "x", count: 1000))
        let times = try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            var times: [Duration] = []
            for _ in 0..<1000 {
                let began = ContinuousClock.now
                _ = try await worker.ask("echo", ["text": text])
                times.append(ContinuousClock.now - began)
            }
            return times.sorted()
        }
        print("plugin call of 1 KiB: p50 \(times[500]), p99 \(times[990])")
        #expect(times[500] < .milliseconds(20))
    }
}
