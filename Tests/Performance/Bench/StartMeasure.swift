import Baseline
import WorkerFixtures

/// Starting a worker in its whole sandbox until its plugin is ready, against starting the same program outside of one.
enum StartMeasure {
    private static let count = 30

    static func take() async throws -> [Measurement] {
        let plan = try WorkerBench.plan()
        var values: [UInt64] = []
        for _ in 0..<count {
            let started = bench_now()
            let duration = try await WorkerBench.withWorker(plan) { _ in bench_now() - started }
            values.append(duration)
        }
        let sandboxed = Samples(values)
        // Without a plan it ends before it sandboxes or loads anything: exec, the dynamic linker, exit.
        let plain = try await Samples.take(count) {
            try Program.execute([WorkerBench.worker], mustSucceed: false, quietly: true)
        }
        return [
            Measurement(
                name: "worker start",
                meaning: "sandboxed start until the plugin is ready ÷ exec and exit of the same program without a plan",
                ratio: sandboxed.median / plain.median, aim: .atMost(3),
                figures: [
                    .init("sandboxed start, p50", sandboxed.median.milliseconds, "ms"),
                    .init("sandboxed start, best", sandboxed.best.milliseconds, "ms"),
                    .init("plain exec and exit, p50", plain.median.milliseconds, "ms"),
                    .init("plain exec and exit, best", plain.best.milliseconds, "ms"),
                ])
        ]
    }
}
