import JSON
import PluginSDK
import PluginTesting
import Synchronization
import Testing

@Suite("Services of the brokers")
struct BrokerServicesTests {
    private let host = FakeHost()
    private var context: Context { Context(host: host, workload: "7-12-x") }

    @Test("secrets belong to the context's workload, and the fake host keeps them apart")
    func secrets() async throws {
        #expect(try await context.secrets.put("hush", as: "key"))
        #expect(try await context.secrets.put("hush", as: "key") == false)
        #expect(try await context.secrets.get("key") == "hush")
        #expect(try await context.secrets.list() == ["key"])
        #expect(try await context.acting(for: "7-12-y").secrets.get("key") == nil)
        #expect(try await context.acting(for: nil).secrets.list() == [])
        try await context.secrets.delete("key")
        #expect(try await context.secrets.get("key") == nil)
    }

    @Test("timers are set, listed and cancelled by name")
    func timers() async throws {
        try await context.timers.set("renew", after: .seconds(60), every: .seconds(3600), content: ["n": 1])
        try await context.timers.set("once", at: 2_000_000_000)
        let pending = try await context.timers.list()
        #expect(pending.map(\.name) == ["once", "renew"])
        #expect(pending.map(\.period) == [nil, 3600])
        #expect(pending.first?.due == 2_000_000_000 && pending.last?.content == ["n": 1])
        #expect(host.calls(of: "timer.set").first?.request["after"] == 60)
        #expect(try await context.timers.cancel("renew"))
        #expect(try await context.timers.cancel("renew") == false)
    }

    @Test("directories are made once, grow, never shrink, and go")
    func directories() async throws {
        #expect(try await context.directories.create("d", size: 100))
        #expect(try await context.directories.create("d", size: 100) == false)
        try await context.directories.resize("d", to: 200)
        #expect(try await context.directories.usage("d").size == 200)
        await #expect(throws: PluginError.self) { try await context.directories.resize("d", to: 100) }
        try await context.directories.delete("d")
        try await context.directories.delete("d")
        await #expect(throws: PluginError.self) { _ = try await context.directories.usage("d") }
        #expect(host.existing.isEmpty)
    }

    @Test("a socket's family follows its address")
    func sockets() async throws {
        host.answer("socket.open") { _ in throw PluginError.unavailable("nobody answers") }
        for (address, family) in [("10.0.0.1", "inet"), ("fd00::1", "inet6")] {
            await #expect(throws: PluginError.self) {
                _ = try await context.sockets.connect(.tcp, to: address, port: 80, in: "n-x")
            }
            #expect(host.calls.last?["family"] == family)
            #expect(host.calls.last?.request["connect"] == ["address": .string(address), "port": 80])
        }
    }

    @Test("a lookup that finds nothing is nil, one that finds something is read")
    func lookup() async throws {
        #expect(try await context.workloads.find("db") == nil)
        host.answer("workload.lookup") { call in
            #expect(call["name"] == "db")
            return HostReply([
                "workload": [
                    "id": "7-12-db", "name": "db", "type": "thing", "version": 2, "state": "ok", "exports": [],
                ]
            ])
        }
        let found = try #require(try await context.workloads.find("db"))
        #expect(found.id == "7-12-db" && found.state == "ok" && found.version == 2)
        #expect(found.data == nil && found.exports.isEmpty)
    }

    /// Hears timers, of its workloads and its own.
    private struct Hearing: TimerHandling {
        struct Nothing: Codable, Sendable {}
        let heard: @Sendable (String) -> Void

        func provision(_ workload: Workload<Nothing>, in context: Context) -> Outcome<NoResult> { .present }
        func deprovision(_ workload: Workload<Nothing>, in context: Context) {}
        func timer(_ timer: FiredTimer<Nothing>, in context: Context) {
            heard("\(timer.name) \(timer.workload?.id ?? "-") \(context.workload ?? "-") \(timer.due)")
        }
    }

    @Test("a timer reaches the provisioner of its workload's type, one of the plugin's own all that hear timers")
    func hearing() async throws {
        let lines = Mutex<[String]>([])
        let hearing = Hearing { line in lines.withLock { $0.append(line) } }
        let plugin = Plugin(id: "a.b", version: "1.0.0", Serving("thing", by: hearing))
        #expect(plugin.operations.contains(.timer))
        let subject: JSONValue = [
            "id": "7-12-x", "twin": 7, "contract": 12, "name": "x", "type": "thing", "version": 0, "data": [:],
        ]
        let own = Context(host: host)
        _ = try await plugin.serve(.timer, ["timer": "t", "due": 5, "subject": subject], in: own)
        _ = try await plugin.serve(.timer, ["timer": "u", "due": 6, "content": .null], in: own)
        #expect(lines.withLock { $0 } == ["t 7-12-x 7-12-x 5", "u - - 6"])
    }
}
