import JSON
import Logging
import Testing
import WorkerFixtures
import WorkerSandbox

@testable import Hosting

/// On a development node that asks for it, a forbidden call is listed and the plugin goes on.
@Suite("tracing what a plugin tries", .serialized)
struct SandboxTraceTests {
    private func traced(_ body: @Sendable (HostilePlugin, SandboxTrace) async throws -> Void) async throws {
        let log = HostileLog()
        let trace = SandboxTrace(log: log.logger)
        let launcher = try WorkerLauncher(WorkerBench.configuration, supervisor: NotificationSupervisor(trace: trace))
        do {
            try await HostilePlugin.run(launcher: launcher) { try await body($0, trace) }
        } catch {
            launcher.close()
            launcher.supervisor.close()
            throw error
        }
        launcher.close()
        launcher.supervisor.close()
    }

    @Test("each call fails with EPERM, and the list says what would grant it")
    func lists() async throws {
        try await traced { plugin, trace in
            for (name, arguments) in [
                ("execve", []), ("openat2", [0]), ("symlinkat", []), ("socket", [2, 1]), ("setsockopt", [3, 270, 10]),
                ("setsockopt", [3, 1, 36]), ("execve", [1]),
            ] as [(String, [Int])] {
                let number = try #require(SystemCall.number(of: name))
                let words = ([Int(number)] + arguments + Array(repeating: 0, count: 6)).prefix(7)
                let reply = try await plugin.ask("call", ["n": .array(words.map { .number(JSONNumber($0)) })])
                #expect(reply == ["result": -1, "errno": 1], "\(name)")
            }
            #expect(plugin.worker.status.name == "ready")
            let id = plugin.worker.plan.plugin
            let tried = trace.attempts(of: id)
            #expect(
                tried.map(\.entitlement) == [nil, "folder", "folder", nil, "network-administration", nil],
                "\(trace.text(for: id))")
            #expect(tried.first?.count == 2 && tried.first?.what.hasPrefix("execve(0x0, ") == true)
            let names = trace.suggestion(for: id).arrayValue?.compactMap { $0["name"]?.stringValue }
            #expect(names == ["folder", "network-administration"])
            #expect(trace.text(for: id).contains("no entitlement grants it"))
            #expect(trace.plugins == [id])
        }
    }

    @Test("a plugin that hammers is ended in the end")
    func hammering() async throws {
        try await traced { plugin, _ in
            let error = await #expect(throws: HostingError.self) { try await plugin.ask("many threads") }
            #expect(error?.code == .sandboxViolation, "\(String(describing: error))")
        }
    }

    @Test("a service that is denied for lack of an entitlement is listed with it")
    func services() {
        let trace = SandboxTrace(log: HostileLog().logger)
        trace.record(service: "tap.create", of: "org.example.x")
        #expect(trace.attempts(of: "org.example.x").map(\.entitlement) == ["taps"])
    }

    @Test("no manifest can ask for it")
    func manifest() {
        for member in ["trace", "unsafe_trace_plugins", "unsafe"] {
            let text = """
                {"manifest": 1, "id": "org.example.x", "version": "1.0.0", "abi": {"min": 1, "max": 1}, "summary": "x", "\(member)": true}
                """
            #expect(throws: HostingError.self) { try Manifest(parsing: Array(text.utf8)) }
        }
        for name in ["trace", "unsafe-trace"] {
            #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [(name, [:])]) }
        }
    }
}
