import JSON
import Synchronization
import Testing

@testable import Hosting

@Suite("TimerBroker", .serialized)
struct TimerBrokerTests {
    /// A clock that tests set.
    private final class Clock: Sendable {
        private let value = Mutex<Int64>(1_000_000)
        var now: Int64 { value.withLock { $0 } }
        func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
    }

    private static func bench() throws -> (BrokerBench, Clock) {
        var bench = try BrokerBench()
        let clock = Clock()
        bench.configuration.now = { clock.now }
        return (bench, clock)
    }

    private static func names(_ entries: [TimerStore.Entry]) -> [String] { entries.map(\.name) }

    @Test("what was missed while the node was away fires once, and its rhythm goes on")
    func missed() async throws {
        let (bench, clock) = try Self.bench()
        try await bench.withBrokers { brokers, runner in
            let set = await brokers.ask(
                "first", "timer.set", ["name": "t", "after": 10, "every": 60, "content": ["a": 1]], workload: "7-12-x")
            #expect(set.payload == ["created": true, "due": 1_000_010], "\(set.payload)")
            #expect(brokers.room.timers.due(at: clock.now).isEmpty)
            clock.advance(3600)
            let next = try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            let due = next.room.timers.due(at: clock.now)
            #expect(Self.names(due) == ["t"] && due.first?.content == ["a": 1])
            try next.room.timers.heard(try #require(due.first), at: clock.now)
            #expect(next.room.timers.due(at: clock.now).isEmpty)
            clock.advance(60)
            let expected: Int64 = 1_000_010 + 60 * 60
            #expect(next.room.timers.due(at: clock.now).first?.due == expected)
        }
    }

    @Test("the plugin is called with what it set, a failed call is made again, one that fires once is gone")
    func fires() async throws {
        let (bench, clock) = try Self.bench()
        try await bench.withBrokers { brokers, _ in
            for name in ["once", "fails"] {
                let set: JSONValue = ["name": .string(name), "after": 1]
                #expect(await brokers.ask("first", "timer.set", set, workload: "7-12-x").status == .ok)
            }
            clock.advance(5)
            let heard = Mutex<[String]>([])
            let attempts = Mutex<Int>(0)
            let loop = Task {
                await brokers.runTimers { entry in
                    heard.withLock { $0.append(entry.name) }
                    guard entry.name == "fails" else { return true }
                    return attempts.withLock {
                        $0 += 1
                        return $0 > 1
                    }
                }
            }
            defer { loop.cancel() }
            try await Self.eventually { heard.withLock { $0.sorted() } == ["fails", "once"] }
            try await Self.eventually {
                clock.advance(1)
                return brokers.room.timers.list(plugin: "first", workload: "7-12-x").isEmpty
            }
            #expect(heard.withLock { $0.count } == 3)
        }
    }

    @Test("a plugin that does not answer delays no other plugin's timers")
    func besides() async throws {
        let (bench, clock) = try Self.bench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "timer.set", ["name": "hangs", "after": 1], workload: "7-12-x")
            _ = await brokers.ask("second", "timer.set", ["name": "works", "after": 1], workload: "8-13-z")
            clock.advance(5)
            let heard = Mutex<[String]>([])
            let loop = Task {
                await brokers.runTimers { entry in
                    // Until the test ends the loop.
                    if entry.name == "hangs" { try? await Task.sleep(for: .seconds(600)) }
                    heard.withLock { $0.append(entry.name) }
                    return true
                }
            }
            defer { loop.cancel() }
            try await Self.eventually { heard.withLock { $0 } == ["works"] }
        }
    }

    @Test("timers belong to their owner and go with the workload")
    func rights() async throws {
        let (bench, _) = try Self.bench()
        try await bench.withBrokers { brokers, _ in
            for workload in ["7-12-x", "7-12-y"] {
                _ = await brokers.ask("first", "timer.set", ["name": "t", "after": 5], workload: workload)
            }
            for (plugin, workload) in [("second", "8-13-z"), ("second", nil), ("first", nil)] {
                let listed = await brokers.ask(plugin, "timer.list", [:], workload: workload)
                #expect(listed.payload == ["timers": []], "\(plugin)")
                let cancelled = await brokers.ask(plugin, "timer.cancel", ["name": "t"], workload: workload)
                #expect(cancelled.payload == ["cancelled": false])
            }
            let own = await brokers.ask("first", "timer.list", [:], workload: "7-12-x")
            #expect(own.payload["timers"]?.arrayValue?.count == 1)
            bench.registry.remove("7-12-x")
            #expect(brokers.room.timers.list(plugin: "first", workload: "7-12-x").isEmpty)
            await brokers.sweep(known: [])
            #expect(brokers.room.timers.list(plugin: "first", workload: "7-12-y").isEmpty)
        }
    }

    @Test("numbers, times and periods are bounded")
    func limits() async throws {
        let (bench, _) = try Self.bench()
        try await bench.withBrokers { brokers, _ in
            let wrong: [JSONValue] = [
                ["name": "t"], ["name": "t", "after": 0], ["name": "t", "after": -5],
                ["name": "t", "at": 5, "after": 5],
                ["name": "t", "after": 9_000_000_000], ["name": "t", "at": 9_000_000_000], ["name": "t", "at": -1],
                ["name": "t", "after": 5, "every": 9], ["name": "t", "after": 5, "every": "day"],
                ["name": "a/b", "after": 5],
                ["name": "t", "after": 5, "content": .string(String(repeating: "x", count: 4096))],
            ]
            for request in wrong {
                let answer = await brokers.ask("first", "timer.set", request, workload: "7-12-x")
                #expect(answer.status == .invalid, "\(request.text.prefix(80)): \(answer.payload)")
            }
            for index in 0..<TimerStore.ownerLimit {
                let set: JSONValue = ["name": .string("t\(index)"), "after": 5]
                #expect(await brokers.ask("first", "timer.set", set, workload: "7-12-x").status == .ok)
            }
            let more = await brokers.ask("first", "timer.set", ["name": "more", "after": 5], workload: "7-12-x")
            #expect(more.status == .unavailable)
            let same = await brokers.ask("first", "timer.set", ["name": "t0", "after": 9], workload: "7-12-x")
            #expect(same.payload["created"] == false)
        }
    }

    private static func eventually(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < end, "it did not happen")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
