import Glibc
import Hosting
import JSON
import Signatures

/// `cpu-benchmark`: how long the processor takes to hash a fixed amount of bytes with SHA-256, alone and on all threads
/// at once. The work is small: about a third of a second of each thread.
struct ProcessorBenchmark: PerformanceTask {
    let name = "cpu-benchmark"
    let description = "Measures the performance of the node's processor"
    let schedule = PerformanceSchedule(period: 6 * 3600)

    private let threads: Int
    private let rounds: Int
    private let workloads: @Sendable () async -> Int

    /// - Parameters:
    ///   - rounds: MiB to hash.
    ///   - workloads: how many workloads run meanwhile.
    init(threads: Int, rounds: Int = 64, workloads: @escaping @Sendable () async -> Int) {
        self.threads = max(1, threads)
        self.rounds = rounds
        self.workloads = workloads
    }

    func run() async throws -> JSONValue {
        let rounds = rounds
        let single = try await OwnThread.run { Self.work(rounds) }
        try Task.checkCancellation()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<threads { group.addTask { _ = try await OwnThread.run { Self.work(rounds) } } }
            try await group.waitForAll()
        }
        let multi = ContinuousClock.now - start
        return [
            "single": Self.seconds(single), "multi": Self.seconds(multi), "threads": .number(JSONNumber(threads)),
            "workloads": .number(JSONNumber(await workloads())),
        ]
    }

    private static func work(_ rounds: Int) -> Duration {
        let start = ContinuousClock.now
        var block = [UInt8](repeating: 0x5a, count: 1 << 20)
        // Each hash goes into the next block, so that none can be left out.
        for _ in 0..<rounds { block.replaceSubrange(0..<32, with: Sodium.sha256(block)) }
        return ContinuousClock.now - start
    }

    private static func seconds(_ duration: Duration) -> JSONValue {
        JSONValue.number(JSONNumber(uncheckedText: Decimals.text(duration / .seconds(1))))
    }
}

/// Finite numbers as JSON writes them.
enum Decimals {
    /// Three digits after the point; 0 for what is no number.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "0" }
        let thousandths = Int64((value * 1000).rounded())
        let sign = thousandths < 0 ? "-" : ""
        let digits = thousandths.magnitude
        let fraction = String(digits % 1000)
        return "\(sign)\(digits / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }
}
