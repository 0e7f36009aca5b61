import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// Tries every fault that `docs/faults.md` lists, and writes that table when `ZOS_FAULTS_TABLE` names the file.
@Suite("fault table", .serialized)
struct FaultTableTests {
    private static let page = TestObject.repository + "/docs/faults.md"

    @Test("every fault is detected, named and bounded, and another type's calls go on")
    func table() async throws {
        let bench = try await FaultBench.start()
        var rows: [FaultRow] = []
        do {
            for fault in Fault.all { rows.append(try await bench.measure(fault)) }
        } catch {
            await bench.stop()
            throw error
        }
        await bench.stop()
        for row in rows {
            print("fault \(row.fault.name): detected after \(row.detection), back after \(row.recovery), \(row.effect)")
        }
        if let path = ProcessInfo.processInfo.environment["ZOS_FAULTS_TABLE"] {
            try FaultRow.page(rows).write(toFile: path, atomically: true, encoding: .utf8)
        }
        // The page says what this run did; only times differ from machine to machine.
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        for row in rows {
            #expect(page.contains("| \(row.fault.name) | \(row.outcome) |"), "run `make faults`: \(row.fault.name)")
        }
        #expect(page.split(separator: "\n").filter { $0.hasPrefix("| ") }.count == rows.count + 2)
    }
}

/// What goes wrong, and how it ends.
struct Fault: Sendable {
    enum End: Sendable {
        /// The worker ends with this kind of failure and this text in the reason.
        case failure(WorkerFailure.Kind, String)
        /// The request alone fails.
        case lateRequest
        /// The plugin is told, and goes on.
        case told
    }

    let name: String
    let ask: String
    var operation = PluginOperation.command
    /// Of the request.
    var deadline = Duration.seconds(30)
    let end: End

    /// Operations of a running plugin.
    private static let operations = PluginOperation.allCases.filter { ![.ping, .initialize].contains($0) }

    static let all: [Fault] =
        [
            Fault(name: "segmentation fault", ask: "segv", end: .failure(.crashed, "signal 11")),
            Fault(name: "trap", ask: "trap", end: .failure(.crashed, "signal 4")),
            Fault(name: "exit", ask: "exit", end: .failure(.exited, "code 7")),
            Fault(name: "endless recursion", ask: "recursion", end: .failure(.crashed, "signal 11")),
            Fault(name: "memory bomb", ask: "memory", end: .failure(.outOfMemory, "more memory")),
            Fault(name: "descriptor flood", ask: "descriptors", end: .told),
            Fault(name: "thread flood", ask: "threads", end: .told),
            Fault(name: "reply flood", ask: "reply flood", end: .failure(.protocolViolation, "not open")),
            Fault(name: "call flood", ask: "call flood", end: .failure(.protocolViolation, "call")),
            Fault(name: "log flood", ask: "log flood", end: .failure(.protocolViolation, "log messages")),
            Fault(
                name: "endless loop", ask: "loop", deadline: .seconds(1),
                end: .failure(.deadlineExceeded, "nor a ping")),
        ]
        + operations.map {
            Fault(
                name: "no answer to \($0)", ask: "nothing", operation: $0, deadline: .milliseconds(500),
                end: .lateRequest)
        }
}

/// One line of the page.
struct FaultRow: Sendable {
    let fault: Fault
    let outcome: String
    let detection: Duration
    let recovery: Duration
    let p99Before: Duration
    let p99During: Duration

    var effect: String {
        let ratio = (p99During / p99Before * 10).rounded() / 10
        return "p99 of another type \(Self.text(p99During)) ÷ \(Self.text(p99Before)) = \(ratio)"
    }

    static func text(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return seconds < 1
            ? "\((seconds * 100_000).rounded() / 100) ms" : "\((seconds * 100).rounded() / 100) s"
    }

    static func page(_ rows: [FaultRow]) -> String {
        var text = """
            # What a fault of a plugin costs

            Written by `make faults` from `Tests/Security/FaultTableTests`; the test suite checks that every fault still ends so. Two plugins run: one has the
            fault, the other answers small requests one after the other all the time. *Detected*: from the request that brings the fault to its failure.
            *Back*: from then until the plugin answers again; a new worker is started after 1 s. *Effect*: the slowest percent of the other plugin's calls, during ÷ before.

            | fault | what happens | detected | back | effect on others |
            | --- | --- | --- | --- | --- |

            """
        for row in rows {
            text += "| \(row.fault.name) | \(row.outcome) | \(Self.text(row.detection)) | \(Self.text(row.recovery)) "
            text += "| \(row.effect) |\n"
        }
        return text
    }
}
