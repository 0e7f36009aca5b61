import Client
import Deployments
import Foundation
import JSON
import TestNode
import Testing

/// Plugins in C and Rust on a real node, in the real sandbox. 15 s once the crate is compiled.
@Suite("plugins in other languages", .serialized)
struct OtherLanguagesTests {
    private func result(_ name: String, _ contract: UInt64, _ user: NodeUser) async throws -> JSONValue {
        let deployment = try await user.client.deployment(contract: contract)
        return try deployment.workload(named: name)?.result.data?.value() ?? .null
    }

    @Test("the templates in C and Rust are at most 100 and 80 lines, export one symbol, and deploy, update and restart")
    func templates() async throws {
        let plugins = try PluginFolder([])
        try OtherLanguages.project("c", type: "hello-c", into: plugins)
        try OtherLanguages.project("rust", type: "hello-rust", into: plugins)
        for (type, file, most) in [("hello-c", "c/plugin.c", 100), ("hello-rust", "rust/src/lib.rs", 80)] {
            let (symbols, libraries) = try OtherLanguages.facts(of: "\(plugins.path)/\(type)/plugin.so")
            #expect(symbols == ["zos_plugin_entry"])
            #expect(
                Set(libraries).isSubset(of: ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"]), "\(libraries)")
            let source = try String(
                contentsOfFile: "\(OtherLanguages.repository)/PluginSDK/Templates/\(file)", encoding: .utf8)
            #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count <= most)
        }
        try await RunningNode.with(plugins: plugins) { node in
            let user = try node.user()
            let workloads: [JSONValue] = ["hello-c", "hello-rust"].map {
                ["name": .string($0.replacing("-", with: "")), "type": .string($0), "data": ["name": "grid"]]
            }
            let contract = try await user.deployed(workloads)
            for name in ["helloc", "hellorust"] {
                #expect(try await result(name, contract, user) == ["greeting": "hello, grid"])
            }
            let blank = try user.deployment([["name": "b", "type": "hello-rust", "data": ["name": "  "]]])
            #expect(try await user.refusal(user.contracted(blank).json).contains("more than blanks"))
            let changed: [JSONValue] = ["hello-c", "hello-rust"].map {
                ["name": .string($0.replacing("-", with: "")), "type": .string($0), "data": ["name": "world"]]
            }
            _ = try await user.builder.update(
                contract: contract, to: DeploymentDescription(["workloads": .array(changed)]), deadline: .seconds(60))
            try await node.kill()
            try await node.up(.asInstalled)
            for type in ["hello-c", "hello-rust"] { try await node.waitForPlugin("org.example.\(type)", "ready") }
            for name in ["helloc", "hellorust"] {
                #expect(try await result(name, contract, user) == ["greeting": "hello, world"])
            }
        }
    }

    @Test(
        "keyvalue keeps entries within quotas through a kill of the node, hides them from other twins, and leaves nothing"
    )
    func keyvalue() async throws {
        let plugins = try PluginFolder([])
        try OtherLanguages.shell("scripts/pack-sample keyvalue \(plugins.path)")
        try await RunningNode.with(plugins: plugins) { node in
            let (owner, other) = (try node.user(), try node.user("farmer"))
            let before = node.traces().filter { $0.contains("stores/") }
            func data(_ quota: Int) -> JSONValue {
                [
                    [
                        "name": "mine", "type": "keyvalue",
                        "data": ["quota": .number(JSONNumber(quota)), "entries_max": 10],
                    ]
                ]
            }
            let contract = try await owner.deployed(data(2048).arrayValue ?? [])
            let put: JSONValue = ["store": "mine", "key": "a", "value": "kept"]
            let usage = try await owner.client.call("keyvalue.put", put)
            #expect(usage["bytes"] == 5 && usage["quota"] == 2048)

            let stranger = await #expect(throws: ClientError.self) {
                try await other.client.call("keyvalue.get", ["store": "mine", "key": "a"])
            }
            #expect(stranger?.message.isEmpty == false)
            _ = try await other.deployed(data(1024).arrayValue ?? [])
            await #expect(throws: ClientError.self, "a store of the same name is another store") {
                try await other.client.call("keyvalue.get", ["store": "mine", "key": "a"])
            }
            for key in ["../x", "/etc/passwd", ".new", ""] {
                await #expect(throws: ClientError.self) {
                    try await owner.client.call("keyvalue.get", ["store": "mine", "key": .string(key)])
                }
            }
            let full = await #expect(throws: ClientError.self) {
                try await owner.client.call(
                    "keyvalue.put",
                    ["store": "mine", "key": "b", "value": .string(String(repeating: "x", count: 2048))])
            }
            #expect(full?.message.contains("the quota is 2048") == true, "\(full?.message ?? "")")

            _ = try await owner.client.call(
                "keyvalue.put", ["store": "mine", "key": "b", "value": .string(String(repeating: "x", count: 2000))])
            _ = try? await owner.builder.update(
                contract: contract, to: DeploymentDescription(["workloads": data(1024)]), deadline: .seconds(60))
            #expect(try await owner.client.call("keyvalue.list", ["store": "mine"])["usage"]?["quota"] == 2048)

            try await node.kill()
            try await node.up(.asInstalled)
            try await node.waitForPlugin("org.zos.keyvalue", "ready")
            let kept = try await owner.client.call("keyvalue.get", ["store": "mine", "key": "a"])
            #expect(kept == ["value": "kept"])
            try await owner.builder.cancel(contract: contract)
            try await eventually("the store is gone") {
                !node.traces().contains { $0.hasSuffix("-\(contract)-mine") }
            }
            #expect(!node.traces().contains { $0.hasSuffix("-\(contract)-mine/a") })
            #expect(before.isEmpty)
        }
    }
}
