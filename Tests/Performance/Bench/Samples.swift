import Baseline

/// Durations of one thing done again and again, in nanoseconds.
struct Samples: Sendable {
    private(set) var sorted: [Double]

    init(_ values: [UInt64]) { sorted = values.map { Double($0) }.sorted() }

    func percentile(_ percent: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * percent / 100))]
    }

    var median: Double { percentile(50) }
    /// The least disturbed one.
    var best: Double { sorted.first ?? .nan }

    /// Does something `count` times.
    static func take(_ count: Int, _ body: () async throws -> Void) async throws -> Samples {
        var values: [UInt64] = []
        for _ in 0..<count {
            let started = bench_now()
            try await body()
            values.append(bench_now() - started)
        }
        return Samples(values)
    }
}

extension Double {
    var microseconds: Double { self / 1e3 }
    var milliseconds: Double { self / 1e6 }
}
