import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("SecretBroker", .serialized)
struct SecretBrokerTests {
    private static let value = "correct horse battery staple"

    private static func files(_ bench: BrokerBench, _ owner: String) -> String {
        "\(bench.configuration.state)/secrets/\(owner)"
    }

    @Test("a secret comes back to its owner, also after a restart of the core, and is listed by name only")
    func roundTrip() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let put: JSONValue = ["name": "password", "value": .string(Self.value)]
            #expect(await brokers.ask("first", "secret.put", put, workload: "7-12-x").payload["created"] == true)
            #expect(await brokers.ask("first", "secret.put", put, workload: "7-12-x").payload["created"] == false)
            let next = try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            next.register(PluginRights(plugin: "first", entitlements: BrokerBench.everything))
            let got = await next.ask("first", "secret.get", ["name": "password"], workload: "7-12-x")
            #expect(got.payload == ["value": .string(Self.value)])
            let listed = await next.ask("first", "secret.list", [:], workload: "7-12-x")
            #expect(listed.payload == ["names": ["password"]])
            #expect(await next.ask("first", "secret.delete", ["name": "password"], workload: "7-12-x").status == .ok)
            let gone = await next.ask("first", "secret.get", ["name": "password"], workload: "7-12-x")
            #expect(gone.payload == ["value": .null])
        }
    }

    @Test("nobody else gets a secret: another workload, the plugin itself, another plugin")
    func owners() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let put: JSONValue = ["name": "key", "value": .string(Self.value)]
            _ = await brokers.ask("first", "secret.put", put, workload: "7-12-x")
            for (plugin, workload) in [("first", "7-12-y"), ("first", nil), ("second", "8-13-z"), ("second", nil)] {
                let got = await brokers.ask(plugin, "secret.get", ["name": "key"], workload: workload)
                #expect(got.payload == ["value": .null], "\(plugin) \(workload ?? "")")
                let listed = await brokers.ask(plugin, "secret.list", [:], workload: workload)
                #expect(listed.payload == ["names": []])
            }
            let foreign = await brokers.ask("second", "secret.get", ["name": "key"], workload: "7-12-x")
            #expect(foreign.status == .denied)
        }
    }

    @Test("a secret is sealed at rest and bound to plugin, workload and name")
    func sealed() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            for name in ["one", "two"] {
                let put: JSONValue = ["name": .string(name), "value": .string("\(Self.value) \(name)")]
                _ = await brokers.ask("first", "secret.put", put, workload: "7-12-x")
            }
            let folder = Self.files(bench, "first/w-7-12-x")
            let one = try #require(try SmallFile.read("\(folder)/one"))
            #expect(!String(decoding: one, as: UTF8.self).contains("horse"))
            #expect(one.count == 24 + 16 + Self.value.utf8.count + 4)
            var facts = stat()
            #expect(lstat("\(folder)/one", &facts) == 0 && facts.st_mode & 0o777 == 0o600)
            #expect(lstat(bench.configuration.secretKey ?? "", &facts) == 0 && facts.st_mode & 0o777 == 0o600)
            // Put into the place of another name, of another workload, of another plugin: it opens nowhere.
            try SmallFile.replace("\(folder)/two", with: one, .disk)
            for (plugin, workload, owner) in [
                ("first", "7-12-y", "first/w-7-12-y"), ("second", "8-13-z", "second/w-8-13-z"),
            ] {
                let put: JSONValue = ["name": "one", "value": "mine"]
                _ = await brokers.ask(plugin, "secret.put", put, workload: workload)
                try SmallFile.replace("\(Self.files(bench, owner))/one", with: one, .disk)
                let got = await brokers.ask(plugin, "secret.get", ["name": "one"], workload: workload)
                #expect(got.status == .failed, "\(got.payload)")
                #expect(!got.payload.text.contains("horse"))
            }
            let moved = await brokers.ask("first", "secret.get", ["name": "two"], workload: "7-12-x")
            #expect(moved.status == .failed && !moved.payload.text.contains("horse"), "\(moved.payload)")
            var changed = one
            changed[30] ^= 1
            try SmallFile.replace("\(folder)/one", with: changed, .disk)
            #expect(await brokers.ask("first", "secret.get", ["name": "one"], workload: "7-12-x").status == .failed)
        }
    }

    @Test("limits and names are kept, and no refusal repeats the value")
    func limits() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let large = String(repeating: "s", count: SecretStore.sizeLimit)
            func put(_ name: String, _ value: String) async -> HostAnswer {
                await brokers.ask(
                    "first", "secret.put", ["name": .string(name), "value": .string(value)], workload: "7-12-x")
            }
            #expect(await put("fits", large).status == .ok)
            let refused = await put("too-large", large + "s")
            #expect(refused.status == .invalid && !refused.payload.text.contains("ssss"), "\(refused.payload)")
            for name in ["", ".", "..", "a/b", "-x", "x.new", String(repeating: "n", count: 65)] {
                let answer = await put(name, "hidden-value")
                #expect(answer.status == .invalid && !answer.payload.text.contains("hidden-value"), "\(name)")
            }
            for index in 1..<SecretStore.ownerLimit { _ = await put("s\(index)", "v") }
            let full = await put("one-more", "hidden-value")
            #expect(full.status == .unavailable && !full.payload.text.contains("hidden-value"), "\(full.payload)")
            #expect(await put("fits", "again").status == .ok)
        }
    }

    @Test("secrets go with their workload")
    func goneWithWorkload() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            for workload in ["7-12-x", "7-12-y"] {
                _ = await brokers.ask("first", "secret.put", ["name": "a", "value": "b"], workload: workload)
            }
            bench.registry.remove("7-12-x")
            #expect(SmallFile.names(Self.files(bench, "first")) == ["w-7-12-y"])
            await brokers.sweep(known: [])
            #expect(SmallFile.names(Self.files(bench, "first")).isEmpty)
        }
    }

    @Test("without its key nothing is served and no new key is made")
    func lostKey() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            _ = await brokers.ask("first", "secret.put", ["name": "a", "value": "b"], workload: "7-12-x")
            let key = try #require(bench.configuration.secretKey)
            chmod(key, 0o640)
            #expect(throws: HostingError.self) {
                try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            }
            try SmallFile.remove(key)
            let error = #expect(throws: HostingError.self) {
                try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            }
            #expect(error?.message.contains("is missing") == true)
            #expect(access(key, F_OK) != 0)
        }
    }
}
