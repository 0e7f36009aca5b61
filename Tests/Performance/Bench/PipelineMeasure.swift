import Baseline
import Foundation
import Hosting
import JSON
import WorkerFixtures

/// Calls through a sandboxed worker with many on their way at a time, against the same over a bare socketpair. On one core,
/// like `CallMeasure`.
enum PipelineMeasure {
    /// The protocol's header (docs/spec/plugin-protocol.md section 1).
    private static let headerLength = 32
    /// Bytes of a request on the socket.
    private static let size = 1024
    /// Requests that a worker has at a time at most.
    private static let window = 64
    /// Of these, what changes workloads may take: a quarter is left to questions.
    private static let places = 48
    private static let rounds = 5
    /// Nanoseconds that a round of calls takes, whatever the build makes of them.
    private static let time: UInt64 = 1_000_000_000
    private static let messages: UInt64 = 50_000

    static func take() throws -> [Measurement] {
        let text = try Program.run(["taskset", "-c", "0", Program.own, "--role", "pipeline"])
        let figures = try JSONValue(parsing: text)
        func measurement(_ name: String, _ what: String, _ aim: Double) throws -> Measurement {
            guard let rate = figures[name]?["calls"]?.int64Value, let bare = figures[name]?["bare"]?.int64Value,
                let reply = figures[name]?["reply"]?.int64Value, let inFlight = figures[name]?["window"]?.int64Value
            else { throw BenchError("no figures of \(name) in \(text)") }
            return Measurement(
                name: "pipelined, \(name)",
                meaning: "\(what) per second ÷ messages of the same size over a C socketpair, \(inFlight) at a time",
                ratio: Double(rate) / Double(bare), aim: .atLeast(aim),
                figures: [
                    .init("calls of the sandboxed plugin", Double(rate), "/s"),
                    .init("messages there and back over a bare socketpair", Double(bare), "/s"),
                    .init("bytes of a request", Double(size), "B"), .init("bytes of a reply", Double(reply), "B"),
                    GoPlugin.callsPerSecond,
                ])
        }
        return [
            try measurement("C", "calls of a plugin in C", 0.25),
            try measurement("Swift", "provisions of the Swift sample echo", 0.1),
        ]
    }

    /// In a process that was started on one core: prints the figures.
    static func print() async throws {
        let c = try await figures(of: try BenchPlugins.pass(), .capacity, inFlight: window) { _ in
            filled { ["type": "thing", "data": ["text": .string($0)]] }
        }
        let swift = try await TemporaryFolder.with("pipeline") { folder in
            let plan = BenchPlugins.plan(try BenchPlugins.echo(in: folder), calls: window)
            return try await figures(of: plan, .provision, inFlight: places) { number in
                filled { text in
                    // Numbers of one length: the messages are of one size.
                    let subject = Subject(
                        id: "7-\(number + 100)-one", twin: 7, contract: UInt64(number + 100), name: "one", type: "echo",
                        version: 0, data: ["text": .string(text)])
                    return ["subject": subject.json, "paused": false]
                }
            }
        }
        Swift.print(JSONValue.object(["C": c, "Swift": swift]).text)
    }

    /// Rounds of the plugin and of the bare pair by turns.
    private static func figures(
        of plan: WorkerPlan, _ operation: PluginOperation, inFlight: Int, _ request: @Sendable (Int) -> JSONValue
    ) async throws -> JSONValue {
        let requests = (0..<inFlight).map(request)
        return try await WorkerBench.withWorker(plan) { worker in
            let (reply, _) = try await worker.request(operation, payload: requests[0])
            let length = reply.text.utf8.count + headerLength
            _ = try await rate(worker, operation, requests)
            var (ours, bare): ([UInt64], [UInt64]) = ([], [])
            for _ in 0..<rounds {
                ours.append(try await rate(worker, operation, requests))
                bare.append(try bareRate(reply: length, inFlight: inFlight))
            }
            return [
                "calls": median(ours), "bare": median(bare), "reply": .number(JSONNumber(length)),
                "window": .number(JSONNumber(inFlight)),
            ]
        }
    }

    /// Calls per second of one round: as many callers as there are requests, each one call after the other.
    private static func rate(
        _ worker: PluginWorker, _ operation: PluginOperation, _ requests: [JSONValue]
    ) async throws -> UInt64 {
        let started = bench_now()
        let calls = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for request in requests {
                group.addTask {
                    var calls: UInt64 = 0
                    while bench_now() - started < time {
                        _ = try await worker.request(operation, payload: request)
                        calls += 1
                    }
                    return calls
                }
            }
            return try await group.reduce(0, +)
        }
        return perSecond(calls, bench_now() - started)
    }

    private static func bareRate(reply: Int, inFlight: Int) throws -> UInt64 {
        var duration: UInt64 = 0
        let error = bench_pipeline(UInt64(size), UInt64(reply), UInt64(inFlight), messages, &duration)
        guard error == 0 else { throw BenchError("no socketpair: \(String(cString: strerror(-error)))") }
        return perSecond(messages, duration)
    }

    private static func perSecond(_ count: UInt64, _ duration: UInt64) -> UInt64 {
        UInt64(Double(count) * 1e9 / Double(max(1, duration)))
    }

    private static func median(_ values: [UInt64]) -> JSONValue { .number(JSONNumber(Int64(Samples(values).median))) }

    /// A request of exactly `size` bytes with its header, whose text fills what is left.
    private static func filled(_ request: (String) -> JSONValue) -> JSONValue {
        let bare = request("").text.utf8.count + headerLength
        return request(String(repeating: "x", count: max(0, size - bare)))
    }
}
