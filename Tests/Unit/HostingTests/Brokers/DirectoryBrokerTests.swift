import CHost
import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("DirectoryBroker", .serialized)
struct DirectoryBrokerTests {
    private static let size: UInt64 = 32 << 20

    private static func create(_ name: String, _ size: UInt64 = size) -> JSONValue {
        ["name": .string(name), "size": .number(JSONNumber(size))]
    }

    private static func target(_ bench: BrokerBench, _ name: String) -> String {
        "\(bench.configuration.run)/directories/first,\(name)"
    }

    @Test("a directory holds what fits and not a byte more, and keeps it over a reboot")
    func limited() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let made = await brokers.ask("first", "directory.create", Self.create("7-12-x"), workload: "7-12-x")
            #expect(made.payload["created"] == true, "\(made.payload)")
            let target = Self.target(bench, "7-12-x")
            #expect(SmallFile.names(target).isEmpty)
            let big = open(target + "/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            #expect(zos_fallocate(big, 0, 0, Self.size) == -ENOSPC)
            close(big)
            try SmallFile.remove(target + "/big")
            try SmallFile.replace(target + "/kept", with: [1, 2], .disk)
            // As after a reboot: no mount, no records of what a reboot takes, another core.
            zos_unmount(target, 2)
            try SmallFile.removeTree("\(bench.configuration.run)/objects")
            let next = try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            next.register(PluginRights(plugin: "first", entitlements: BrokerBench.everything))
            next.register(PluginRights(plugin: "second", entitlements: BrokerBench.everything))
            await next.recover()
            #expect(try SmallFile.read(target + "/kept") == [1, 2])
            let again = await next.ask("first", "directory.create", Self.create("7-12-x"), workload: "7-12-x")
            #expect(again.payload["created"] == false, "\(again.payload)")
            let usage = await next.ask("first", "directory.usage", ["name": "7-12-x"], workload: "7-12-x").payload
            #expect(usage["size"] == .number(JSONNumber(Self.size)))
            #expect((usage["used"]?.uint64Value ?? 0) > 0)
        }
    }

    @Test("a directory grows while it is mounted, and never shrinks")
    func grows() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "directory.create", Self.create("d"), workload: "7-12-x")
            let target = Self.target(bench, "d")
            try SmallFile.replace(target + "/kept", with: [7], .disk)
            let grown = await brokers.ask(
                "first", "directory.resize", Self.create("d", 2 * Self.size), workload: "7-12-x")
            #expect(grown.status == .ok, "\(grown.payload)")
            let big = open(target + "/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            #expect(zos_fallocate(big, 0, 0, Self.size + 4 << 20) == 0)
            close(big)
            #expect(try SmallFile.read(target + "/kept") == [7])
            let shrunk = await brokers.ask("first", "directory.resize", Self.create("d"), workload: "7-12-x")
            #expect(shrunk.status == .invalid)
            #expect(shrunk.payload.text.contains("cannot shrink"), "\(shrunk.payload)")
            let smaller = await brokers.ask("first", "directory.create", Self.create("d"), workload: "7-12-x")
            #expect(smaller.payload["created"] == false, "a replay after a crash finds the larger one")
            let larger = await brokers.ask(
                "first", "directory.create", Self.create("d", 4 * Self.size), workload: "7-12-x")
            #expect(larger.status == .invalid)
        }
    }

    @Test("names of directories are each plugin's own, and another workload's are denied")
    func rights() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "directory.create", Self.create("d"), workload: "7-12-x")
            for service in ["directory.create", "directory.resize", "directory.usage", "directory.delete"] {
                let foreign = await brokers.ask("first", service, Self.create("d"), workload: "7-12-y")
                #expect(foreign.status == .denied, "\(service): \(foreign.payload)")
            }
            // Another plugin's directory of that name is another directory: nothing of the first shows.
            let usage = await brokers.ask("second", "directory.usage", ["name": "d"], workload: "8-13-z")
            #expect(usage.status == .invalid)
            let other = await brokers.ask("second", "directory.create", Self.create("d"), workload: "8-13-z")
            #expect(other.payload["created"] == true, "\(other.payload)")
            _ = await brokers.ask("second", "directory.delete", ["name": "d"], workload: "8-13-z")
            #expect(zos_fs_type(Self.target(bench, "d")) == 0xef53)
            for name in ["", "..", "a/b", ".x", "-x", "a,b", String(repeating: "x", count: 65)] {
                let answer = await brokers.ask("first", "directory.create", Self.create(name), workload: "7-12-x")
                #expect(answer.status == .invalid, "\(name)")
            }
        }
    }

    @Test("an exported directory reaches the companion of a workload that refers to it, and nobody else")
    func exports() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "directory.create", Self.create("d"), workload: "7-12-x")
            _ = await brokers.ask("second", "directory.create", Self.create("other"), workload: "8-13-z")
            try SmallFile.replace(Self.target(bench, "d") + "/hello", with: Array("from d".utf8), .disk)
            chmod(Self.target(bench, "d") + "/hello", 0o644)
            func run(exporting name: String?, instance: JSONValue = "i") async throws -> HostAnswer {
                let exports = name.map { [Export(kind: "directory", value: ["directory": .string($0)])] } ?? []
                let reference = SubjectReference(
                    pointer: "/mounts/0/name", name: "x", workload: "7-12-x", type: "thing", state: "ok", data: [:],
                    result: .null, exports: exports)
                bench.registry.record(bench.subject("7-12-y", references: [reference]), of: "first")
                return await brokers.ask(
                    "first", "companion.run",
                    [
                        "companion": "reader", "instance": instance,
                        "slots": ["data": ["reference": "7-12-x", "export": "directory"]],
                    ], workload: "7-12-y")
            }
            let good = try await run(exporting: "d")
            #expect(good.payload["output"] == "from d", "\(good.payload)")
            #expect(try await run(exporting: nil).status == .denied)
            // A plugin cannot export what another plugin made.
            #expect(try await run(exporting: "other").status != .ok)
            let own = await brokers.ask(
                "first", "companion.run",
                ["companion": "reader", "instance": "j", "slots": ["data": ["directory": "d"]]], workload: "7-12-y")
            #expect(own.status == .denied, "it is another workload's")
        }
    }

    @Test("a directory that a companion holds is not deleted")
    func holders() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "directory.create", Self.create("d"), workload: "7-12-x")
            let export = Export(kind: "directory", value: ["directory": "d"])
            let reference = SubjectReference(
                pointer: "/mounts/0/name", name: "x", workload: "7-12-x", type: "thing", state: "ok", data: [:],
                result: .null, exports: [export])
            bench.registry.record(bench.subject("7-12-y", references: [reference]), of: "first")
            let started = await brokers.ask(
                "first", "companion.start",
                [
                    "companion": "holder", "instance": "h",
                    "slots": ["data": ["reference": "7-12-x", "export": "directory"]],
                ], workload: "7-12-y")
            #expect(started.status == .ok, "\(started.payload)")
            let refused = await brokers.ask("first", "directory.delete", ["name": "d"], workload: "7-12-x")
            #expect(refused.status == .unavailable)
            #expect(refused.payload.text.contains("7-12-y"), "\(refused.payload)")
            _ = await brokers.ask("first", "companion.delete", ["instance": "h"], workload: "7-12-y")
            let gone = await brokers.ask("first", "directory.delete", ["name": "d"], workload: "7-12-x")
            #expect(gone.status == .ok, "\(gone.payload)")
            #expect(SmallFile.names("\(bench.companions.root)/pool/directories").isEmpty)
        }
    }

    @Test("a sweep removes directories of workloads that are gone")
    func swept() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            _ = await brokers.ask("first", "directory.create", Self.create("x"), workload: "7-12-x")
            _ = await brokers.ask("first", "directory.create", Self.create("y"), workload: "7-12-y")
            await brokers.sweep(known: ["7-12-y"])
            #expect(SmallFile.names("\(bench.companions.root)/pool/directories") == ["first,y.img"])
        }
    }
}
