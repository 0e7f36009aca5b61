import Hosting
import JSON
import Synchronization
import Testing
import WorkerFixtures

/// Calls another plugin all the while that a suite attacks, and prints how its calls fared.
struct Bystander: SuiteTrait, TestScoping {
    let family: String

    private static let calls = 500
    /// What a call may take at worst on a busy machine while the node is attacked, at the 99th percentile.
    private static let limit = Duration.seconds(1)
    /// Times of violations in the suite that runs.
    private static let violations = Mutex<[Duration]>([])

    static func note(_ violation: Duration) { violations.withLock { $0.append(violation) } }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { other in
            var before: [Duration] = []
            for _ in 0..<Self.calls {
                before.append(try await Self.call(other))
                try await Task.sleep(for: .milliseconds(1))
            }
            Self.violations.withLock { $0 = [] }
            let ends = Mutex(false)
            async let during = Self.keepCalling(other) { ends.withLock { $0 } }
            var thrown: (any Error)?
            do { try await function() } catch { thrown = error }
            ends.withLock { $0 = true }
            let result = await during
            print(report(before, result.times))
            #expect(result.failures == [], "calls to another plugin failed during the attacks")
            #expect(Self.percentile(result.times) < Self.limit)
            if let thrown { throw thrown }
        }
    }

    private static func keepCalling(_ worker: PluginWorker, until hasEnded: @Sendable () -> Bool) async -> (
        times: [Duration], failures: [String]
    ) {
        var times: [Duration] = []
        var failures: [String] = []
        repeat {
            do { times.append(try await call(worker)) } catch { failures.append("\(error)") }
            // The attacks need the processor as well.
            do { try await Task.sleep(for: .milliseconds(1)) } catch { break }
        } while !hasEnded()
        return (times, failures)
    }

    private static func call(_ worker: PluginWorker) async throws -> Duration {
        let began = ContinuousClock.now
        _ = try await worker.ask("echo", within: .seconds(60))
        return ContinuousClock.now - began
    }

    private static func percentile(_ times: [Duration]) -> Duration {
        let sorted = times.sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }

    private func report(_ before: [Duration], _ during: [Duration]) -> String {
        let (quiet, busy) = (Self.percentile(before), Self.percentile(during))
        let ratio = (busy / quiet * 10).rounded() / 10
        var line =
            "\(family): \(during.count) calls to another plugin, p99 during ÷ before = \(ratio) (\(busy) ÷ \(quiet))"
        let times = Self.violations.withLock { $0.sorted() }
        if let slowest = times.last {
            line +=
                "; \(times.count) violations in log and list after \(times[times.count / 2]) (p50), \(slowest) (worst)"
        }
        return line
    }
}

extension Trait where Self == Bystander {
    /// Another plugin is called throughout.
    static func bystander(_ family: String) -> Bystander { Bystander(family: family) }
}
