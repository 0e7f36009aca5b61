import Baseline
import Foundation
import Hosting
import WorkerFixtures

/// Many sandboxed plugins in Swift with nothing to do: what they take together, and how long it takes until all are ready.
enum MemoryMeasure {
    private static let count = 50
    /// Without anything to do, before memory is counted.
    private static let rest = Duration.seconds(1)

    private struct Figures: Sendable {
        var start: UInt64 = 0
        var alone = 0.0
        var together: [Double] = []
        var core = 0.0
    }

    static func take() async throws -> [Measurement] {
        try await TemporaryFolder.with("memory") { folder in
            let package = try BenchPlugins.echo(in: folder)
            let plans = (0..<count).map { BenchPlugins.plan(package, slot: "bench\($0)") }
            let plain = try await Samples.take(count) {
                try Program.execute([WorkerBench.worker], mustSucceed: false, quietly: true)
            }
            var figures = Figures()
            figures.alone = try await started([plans[0]]).together.reduce(0, +)
            let all = try await started(plans)
            let (sum, start) = (all.together.reduce(0, +), Double(all.start))
            guard all.together.count == count else { throw BenchError("\(all.together.count) workers of \(count)") }
            return [
                Measurement(
                    name: "idle plugin's memory",
                    meaning: "PSS of each of \(count) idle sandboxed plugins in Swift ÷ go-plugin's 10 MiB a plugin",
                    ratio: sum / Double(count) / GoPlugin.memory.value, aim: .atMost(1),
                    figures: [
                        .init("each of \(count)", sum / Double(count), "MiB"),
                        .init("the largest of them", all.together.max() ?? .nan, "MiB"),
                        .init("all together", sum, "MiB"), .init("one alone", figures.alone, "MiB"),
                        .init("the core's own memory for each", all.core / Double(count), "MiB"),
                        .init(
                            "its object's sealed copy; PSS counts what is mapped",
                            Double(package.object.count) / 1_048_576, "MiB"),
                        GoPlugin.memory,
                    ]),
                Measurement(
                    name: "\(count) worker starts",
                    meaning:
                        "\(count) plugins in Swift started side by side until all are ready ÷ as many exec and exit",
                    ratio: start / (plain.median * Double(count)), aim: .atMost(3),
                    figures: [
                        .init("until all are ready", start.milliseconds, "ms"),
                        .init("of it for each", start.milliseconds / Double(count), "ms"),
                        .init("plain exec and exit, p50", plain.median.milliseconds, "ms"),
                        .init("for comparison: go-plugin, start to first call", 5, "ms"),
                    ]),
            ]
        }
    }

    /// Starts workers side by side, lets them rest, counts, and ends them whatever happens.
    private static func started(_ plans: [WorkerPlan]) async throws -> Figures {
        let workers = plans.map {
            PluginWorker($0, launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
        }
        let outcome: Result<Figures, any Error>
        do {
            var figures = Figures()
            let before = try mebibytes("Anonymous", of: getpid())
            let began = bench_now()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in workers { group.addTask { try await worker.start() } }
                try await group.waitForAll()
            }
            figures.start = bench_now() - began
            try await Task.sleep(for: rest)
            figures.core = try mebibytes("Anonymous", of: getpid()) - before
            figures.together = try children().map { try mebibytes("Pss", of: $0) }
            outcome = .success(figures)
        } catch {
            outcome = .failure(error)
        }
        await withDiscardingTaskGroup { group in
            for worker in workers { group.addTask { await worker.stop(grace: .zero) } }
        }
        return try outcome.get()
    }

    /// The workers of this process.
    private static func children() throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            // What has ended meanwhile is none of them.
            guard let pid = pid_t(name),
                let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
                status.hasPrefix("Name:\tzos-worker\n"), status.contains("\nPPid:\t\(getpid())\n")
            else { return nil }
            return pid
        }
    }

    private static func mebibytes(_ field: String, of process: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix(field + ":") {
            if let kibibytes = Double(line.filter(\.isNumber)) { return kibibytes / 1024 }
        }
        throw BenchError("no \(field) in smaps_rollup of \(process)")
    }
}
