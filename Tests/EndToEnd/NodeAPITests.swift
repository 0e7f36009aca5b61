import Client
import Foundation
import JSON
import TestNode
import Testing

@Suite("What a node says about itself", .serialized, .onStage)
struct NodeAPITests {
    let stage: Stage
    var client: NodeClient { stage.user.client }

    init() throws { stage = try OnStage.stage() }

    @Test("figures count what runs and respect the pool's size")
    func figures() async throws {
        let statistics = try await client.statistics()
        #expect(statistics.total.fastStorage == 1_073_741_824)
        #expect(statistics.users?.deployments == 1)
        #expect(statistics.users?.workloads == 2)
        let pools = try await client.pools()
        #expect(pools.first?.size == 1_073_741_824)
        #expect(pools.first?.used == 1_048_576)
        #expect(try await client.version().node.isEmpty == false)
    }

    @Test("addresses are those of the node's own namespace")
    func addresses() async throws {
        let addresses = try await client.interfaces().own
        #expect(addresses.contains("198.51.100.2"), "\(addresses)")
        #expect(try await client.publicConfig()?.ipv4 == "198.51.100.2/24")
    }

    @Test("every type is listed and described by its schema; an unknown one is named")
    func types() async throws {
        let names = try await client.types().compactMap { $0["name"]?.stringValue }
        #expect(Set(names).isSuperset(of: ["echo", "volume", "network", "zmount", "ip", "ipv4", "zmachine"]))
        for name in names {
            let description = try await client.describe(type: name)
            #expect(description["schema"]?["type"]?.stringValue == "object", "\(name)")
        }
        let abilities = try await client.describe(type: "zmachine")["abilities"]?.arrayValue?.compactMap(\.stringValue)
        #expect(
            Set(abilities ?? []).isSuperset(of: ["initialize", "validate", "capacity", "pause", "resume"]),
            "\(abilities ?? [])")
        let error = await #expect(throws: ClientError.self) { try await client.describe(type: "gnome") }
        #expect(error?.message.contains("gnome") == true)
    }

    @Test("commands of plugins are served: ports that are taken, addresses in use")
    func pluginCommands() async throws {
        #expect(try await client.takenPorts().contains(8051))
        #expect(try await client.call("zos.network.list_public_ips").arrayValue?.isEmpty == true)
        #expect(try await client.privateIPs(network: "net").isEmpty)
        let error = await #expect(throws: ClientError.self) {
            try await client.call("zos.network.list_private_ips", ["Network_Name": 1])
        }
        #expect(error?.message.contains("network_name") == true, "\(error as Any)")
    }

    @Test("figures of the node and its plugins come as Prometheus text")
    func metrics() async throws {
        let text = try await stage.node.user("farmer").client.call("zos.admin.metrics")["text"]?.stringValue ?? ""
        #expect(text.contains("node_worker_state{plugin=\"org.zos.zmount\",state=\"ready\"} 1\n"), "\(text)")
        #expect(text.contains("node_call_duration_seconds_count{plugin=\"org.zos.zmount\",operation=\"provision\"}"))
        #expect(text.contains("node_deployments_count 1\n"))
    }

    @Test("the log is JSON lines, and no secret is in it or in any answer of the command line")
    func secrets() async throws {
        let log = try String(contentsOfFile: stage.node.folder + "/node.log", encoding: .utf8)
        for line in log.split(separator: "\n") {
            let entry = try JSONValue(parsing: String(line))
            for member in ["time", "level", "label", "message"] { #expect(entry[member] != nil, "\(line)") }
        }
        var shown = log
        for command in [["list"], ["node"], ["twin"], ["plugin", "list"], ["get", "\(stage.contract)"]] {
            let outcome = try await Programs.zos(command + ["--state", stage.node.folder])
            #expect(outcome.status == 0, "\(command): \(outcome.output)")
            shown += outcome.output
        }
        for file in ["identity/mnemonic", "users/user.secret", "users/farmer.secret"] {
            let path = "\(stage.node.folder)/\(file)"
            let words = try String(contentsOfFile: path, encoding: .utf8).split(separator: " ")
            #expect(words.count >= 12)
            #expect(!shown.contains(words.prefix(3).joined(separator: " ")), "\(file)")
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        }
    }
}
