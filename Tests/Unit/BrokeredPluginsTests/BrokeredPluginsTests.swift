import Glibc
import JSON
import Naming
import NetworkProvisioner
import PluginSDK
import PublicIPProvisioner
import Testing

/// The network plugins with their own manifests on the node's own brokers and companions. Needs root.
@Suite("network plugins on the node's brokers", .serialized)
struct BrokeredPluginsTests {
    private let twin = UInt32(truncatingIfNeeded: getpid())

    private func request(_ type: String, _ name: String, _ data: JSONValue, result: JSONValue = .null) -> JSONValue {
        let subject: JSONValue = [
            "id": .string("\(twin)-12-\(name)"), "twin": .number(JSONNumber(twin)), "contract": 12,
            "name": .string(name), "type": .string(type), "version": 0, "data": data, "result": result,
            "state": result.isNull ? .null : ["version": 1, "data": [:]],
            "reserved": [["ip": "198.51.100.20/24", "gateway": "198.51.100.1"]],
        ]
        return ["subject": subject, "paused": false]
    }

    @Test("a network is provisioned, found in place, and removed without a trace")
    func network() async throws {
        let node = try Node(plugin: "network")
        let plugin = makeNetworkPlugin()
        let before = try node.links()
        let data: JSONValue = [
            "ip_range": "10.20.0.0/16", "subnet": "10.20.3.0/24",
            "wireguard_private_key": "aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "wireguard_listen_port": .number(JSONNumber(20_000 + twin % 10_000)), "peers": [],
        ]
        node.announce("\(twin)-12-net", type: "network")
        try await node.run { context in
            let outcome = try await plugin.serve(.provision, request("network", "net", data), in: context)
            #expect(outcome["outcome"] == "ready")
            let bridge = "b-" + DeviceName.network(twin: twin, name: "net")
            #expect(try node.links().contains(bridge))
            let again = try await plugin.serve(
                .provision, request("network", "net", data, result: ["kept": true]), in: context)
            #expect(again["outcome"] == "present")
            // What a crash of the tunnel leaves behind must not keep it from coming back.
            let instance = "w-" + DeviceName.network(twin: twin, name: "net")
            try await context.acting(for: "\(twin)-12-net").companions.stop(instance, signal: 9)
            let repaired = try await plugin.serve(
                .provision, request("network", "net", data, result: ["kept": true]), in: context)
            #expect(repaired["outcome"] == "ready")
            for _ in 0..<2 { _ = try await plugin.serve(.deprovision, request("network", "net", data), in: context) }
            #expect(try await context.namespaces.list().isEmpty)
            #expect(
                try node.links().filter { $0.hasPrefix("b-") || $0.hasPrefix("w-") || $0.hasPrefix("v-") }
                    == before.filter { $0.hasPrefix("b-") || $0.hasPrefix("w-") || $0.hasPrefix("v-") })
        }
    }

    @Test("a public address is assigned on a segment of the plugin's own namespace, and given back")
    func publicAddress() async throws {
        let node = try Node(plugin: "publicip")
        let plugin = makePublicIPPlugin()
        node.announce("\(twin)-12-pub", type: "ip")
        try await node.run { context in
            _ = try await plugin.serve(.initialize, ["workloads": []], in: context)
            #expect(try await context.namespaces.list() == ["public-segment"])
            // No exit is configured here: the refusal names it.
            let error = try await #require(throws: PluginError.self) {
                try await plugin.serve(.provision, request("ip", "pub", ["v4": true, "v6": false]), in: context)
            }
            #expect(error.status == .unsupported && error.message.contains("public"))
            _ = try await plugin.serve(
                .deprovision, request("ip", "pub", ["v4": true, "v6": false]), in: context)
        }
    }
}
