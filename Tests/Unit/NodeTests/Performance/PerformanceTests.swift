import Contracts
import Foundation
import JSON
import Logging
import Synchronization
import Testing

@testable import Node

@Suite("Performance tasks")
struct PerformanceTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Counts its runs; fails when told.
    private final class Counter: PerformanceTask {
        let name = "counter"
        let description = "Counts"
        let schedule: PerformanceSchedule
        let runs = Mutex(0)
        let fails = Mutex(false)

        init(isImmediate: Bool) { schedule = PerformanceSchedule(period: 1000, isImmediate: isImmediate) }

        func run() async throws -> JSONValue {
            if fails.withLock({ $0 }) { throw Decoy() }
            return .number(
                JSONNumber(
                    runs.withLock {
                        $0 += 1; return $0
                    }))
        }
    }

    private struct Decoy: Error {}

    @Test("tasks run at multiples of their period, a part of the jitter later")
    func schedule() {
        let schedule = PerformanceSchedule(period: 21600, jitter: 1200)
        #expect(schedule.next(after: 0, chance: 0) == 21600)
        #expect(schedule.next(after: 21599, chance: 0.5) == 22200)
        #expect(schedule.next(after: 21600, chance: 1) == 44400)
        #expect(PerformanceSchedule(period: 900).next(after: .max, chance: 1) == .max)
    }

    @Test("a result outlives a restart; a failure leaves it as it is")
    func persistence() async throws {
        let files = try FakeFiles(["/x": ""])
        let path = files.root + "/performance.json"
        let task = Counter(isImmediate: true)
        let board = PerformanceBoard([task], path: path, first: 0, now: { 77 }, log: Self.log)
        #expect(await board.result(of: "counter") == nil)
        await board.perform(task)
        let expected: JSONValue = ["name": "counter", "description": "Counts", "timestamp": 77, "result": 1]
        #expect(await board.result(of: "counter") == expected)
        task.fails.withLock { $0 = true }
        await board.perform(task)
        let next = PerformanceBoard([task], path: path, first: 0, now: { 78 }, log: Self.log)
        #expect(await next.all() == [expected])
        try files.write(Array("{".utf8), to: "/performance.json")
        #expect(await PerformanceBoard([], path: path, first: 0, now: { 0 }, log: Self.log).all().isEmpty)
    }

    @Test("an immediate task runs at the start, another one when its time has come, and the board ends when it is told")
    func running() async throws {
        let files = try FakeFiles(["/x": ""])
        let (now, later) = (Counter(isImmediate: true), Counter(isImmediate: false))
        let board = PerformanceBoard(
            [now, later], path: files.root + "/p.json", first: 500, now: { 100 }, log: Self.log)
        let task = Task { await board.run() }
        while now.runs.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(later.runs.withLock { $0 } == 0)
        task.cancel()
        await task.value
    }

    @Test("the processor's benchmark has its three figures and the workloads")
    func processor() async throws {
        let result = try await ProcessorBenchmark(threads: 2, rounds: 1) { 5 }.run()
        for name in ["single", "multi"] { #expect((result[name]?.numberValue?.double ?? -1) >= 0) }
        #expect(result["threads"] == 2)
        #expect(result["workloads"] == 5)
        #expect(Decimals.text(-1.0005) == "-1.001" || Decimals.text(-1.0005) == "-1.000")
        #expect(Decimals.text(.nan) == "0")
        #expect(Decimals.text(12.3456) == "12.346")
    }

    @Test("traffic between own namespaces is measured by TCP and UDP, both ways", .enabled(if: getuid() == 0))
    func network() async throws {
        let result = try await NetworkBenchmark(span: .milliseconds(100)).run()
        let entries = try #require(result.arrayValue)
        #expect(entries.map { $0["test_type"] } == ["tcp", "udp"])
        for entry in entries {
            #expect(entry["error"] == "", "\(entry.text)")
            #expect((entry["upload_speed"]?.numberValue?.double ?? 0) > 1e6, "\(entry.text)")
            #expect((entry["download_speed"]?.numberValue?.double ?? 0) > 1e6, "\(entry.text)")
            #expect(entry["cpu_report"]?.objectValue?.count == 6)
        }
    }

    @Test(
        "public addresses are judged by what needs no stranger",
        arguments: [
            ("198.51.100.10/24", "198.51.100.1", 0, "skipped"), ("198.51.100.10/24", "198.51.100.1", 7, "skipped"),
            ("198.51.100.10/24", "198.51.101.1", 0, "invalid"), ("198.51.100.10/24", "198.51.100.10", 0, "invalid"),
            ("198.51.100.10", "198.51.100.1", 0, "invalid"), ("x", "", 0, "invalid"),
            ("198.51.100.10/24", "fe80::1", 0, "invalid"), ("0.0.0.0/0", "1.1.1.1", 0, "skipped"),
        ])
    func addresses(ip: String, gateway: String, contract: UInt64, state: String) {
        let address = PublicIP(ip: ip, gateway: gateway, contract: contract)
        #expect(AddressValidation.verdict(address).state == state)
    }

    @Test("health is a result without errors")
    func health() {
        #expect(!HealthCheck.isHealthy(nil))
        #expect(!HealthCheck.isHealthy(["result": [:]]))
        #expect(!HealthCheck.isHealthy(["result": ["cache": [], "network": ["no"]]]))
        #expect(HealthCheck.isHealthy(["result": ["cache": [], "network": []]]))
    }
}
