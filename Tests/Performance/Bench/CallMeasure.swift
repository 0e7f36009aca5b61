import Baseline
import Hosting
import JSON
import Logging
import WorkerFixtures

/// Calls of a plugin in C through its sandboxed worker, against the same bytes over a bare socketpair. Core, worker and
/// baseline share one core, so that waiting for another to wake up is in neither.
enum CallMeasure {
    /// The protocol's header (docs/spec/plugin-protocol.md section 1).
    private static let headerLength = 32
    private static let warmUp = 2_000
    private static let count = 20_000
    private static let request: JSONValue = [
        "type": "thing", "data": ["size": 1_073_741_824, "name": "data", "labels": ["one", "two"]],
    ]

    static func take() throws -> [Measurement] {
        let text = try Program.run(["taskset", "-c", "0", Program.own, "--role", "calls"])
        let figures = try JSONValue(parsing: text)
        func figure(_ name: String) throws -> Double {
            guard let value = figures[name]?.int64Value.map(Double.init) else {
                throw BenchError("no figure \(name) in \(text)")
            }
            return value
        }
        func measurement(_ name: String, _ aim: Double, _ go: Measurement.Figure) throws -> Measurement {
            let (call, bare) = (try figure("call \(name)"), try figure("bare \(name)"))
            return Measurement(
                name: "plugin call \(name)", meaning: "call of a plugin in C ÷ the same bytes over a C socketpair",
                ratio: call / bare, aim: .atMost(aim),
                figures: [
                    .init("call, core to sandboxed worker and back", call.microseconds, "µs"),
                    .init("round trip over a bare socketpair", bare.microseconds, "µs"), go,
                ])
        }
        return [try measurement("p50", 1.5, GoPlugin.call), try measurement("p99", 2, GoPlugin.slowCall)]
    }

    /// In a process that was started on one core, as all of its threads and children then are: prints the figures.
    static func print() async throws {
        let bytes = UInt64(request.text.utf8.count + headerLength)
        var values = [UInt64](repeating: 0, count: count)
        guard bench_socketpair(bytes, bytes, UInt64(count), &values) == 0 else { throw BenchError("no socketpair") }
        let bare = Samples(values)
        let call = try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            for _ in 0..<warmUp { _ = try await worker.request(.capacity, payload: request) }
            return try await Samples.take(count) { _ = try await worker.request(.capacity, payload: request) }
        }
        let figures: JSONValue = [
            "call p50": nanoseconds(call.median), "call p99": nanoseconds(call.percentile(99)),
            "bare p50": nanoseconds(bare.median), "bare p99": nanoseconds(bare.percentile(99)),
        ]
        Swift.print(figures.text)
    }

    private static func nanoseconds(_ value: Double) -> JSONValue { .number(JSONNumber(Int64(value))) }
}
