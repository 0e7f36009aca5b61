import Client
import JSON
import TestNode
import Testing

@Suite("Ways to a node")
struct GridWaysTests {
    @Test("a deployment comes out the same over Yggdrasil and over two relays, one of them killed meanwhile")
    func ways() async throws {
        try await Grid.with { grid in
            for node in [grid.first, grid.second] {
                for plugin in ["echo", "zmount"] { try await node.waitForPlugin("org.zos.\(plugin)", "ready") }
            }
            try await grid.connectUser()
            let relays = try await Relays(grid)
            try await grid.publishUser()
            let file = try grid.exchange.write(Self.deployment, to: "both.yaml")
            try await grid.reach(grid.first, by: .direct)
            let direct = try await grid.deploy(file, to: grid.first, by: .direct)

            // The second node is held in the middle of the work that the deployment is.
            let farmer = try grid.second.user("farmer")
            _ = try await farmer.client.call("zos.unsafe.faults.watch", ["plugin": "org.zos.echo", "at": 1])
            try await grid.reach(grid.second, by: .relays(relays.addresses))
            async let relayed = grid.deploy(file, to: grid.second, by: .relays(relays.addresses))
            try await eventually("the second node works on the deployment") {
                try await farmer.client.call("zos.unsafe.faults.state")["held"]?.stringValue != nil
            }
            relays.kill(0)
            _ = try await farmer.client.call("zos.unsafe.faults.release")
            let overRelays = try await relayed

            #expect(try Self.outcome(direct) == Self.outcome(overRelays))
            #expect(try Self.outcome(direct).count == 2)
            for (node, way, answer) in [
                (grid.first, Grid.Way.direct, direct), (grid.second, .relays(relays.addresses), overRelays),
            ] {
                let contract = try #require(answer["contract_id"]?.uint64Value)
                _ = try await grid.zos(["cancel", "\(contract)", "--timeout", "60"], to: node, by: way)
            }
        }
    }

    private static let deployment = """
        name: both
        workloads:
          - name: hello
            type: echo
            data: {text: hello from either side}
          - name: kept
            type: zmount
            data: {size: 1048576}
        """

    /// State and data of each workload, without ids and what else differs between two deployments of one thing.
    private static func outcome(_ answer: JSONValue) throws -> [String: [JSONValue]] {
        let workloads = try #require(answer["workloads"]?.arrayValue)
        return Dictionary(
            workloads.map { workload in
                var data = workload["result"]?["data"]?.objectValue ?? [:]
                for name in ["id", "volume_id"] { data[name] = nil }
                return (
                    workload["name"]?.stringValue ?? "",
                    [workload["result"]?["state"] ?? .null, workload["result"]?["message"] ?? .null, .object(data)]
                )
            }, uniquingKeysWith: { $1 })
    }
}
