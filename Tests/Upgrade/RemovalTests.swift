import Foundation
import JSON
import TestNode
import Testing

/// Plugins that lose their place: removed, or no longer trusted. About 15 s.
@Suite("Removal and distrust of plugins", .serialized)
struct RemovalTests {
    private static let id = VersionedPlugin.id

    private static func workload(_ name: String) -> JSONValue {
        ["name": .string(name), "type": .string(VersionedPlugin.type), "data": [:]]
    }

    private func state(_ node: RunningNode) async throws -> JSONValue? {
        try await node.plugin("list").json["plugins"]?.arrayValue?.first { $0["id"]?.stringValue == Self.id }
    }

    private func user(_ node: RunningNode) throws -> UInt32 {
        let record = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: node.folder + "/uids"))))
        return try #require(record["users"]?[Self.id]?.intValue.map { UInt32($0) })
    }

    @Test("a plugin's user and files go with it, and it never gets that user again")
    func userIsNeverUsedAgain() async throws {
        let folder = try VersionedPlugin.first()
        try await RunningNode.with(plugins: folder) { node in
            let before = try user(node)
            let kept = "\(node.folder)/pools/main/plugins/\(Self.id)"
            try FileManager.default.createDirectory(atPath: kept + "/data/deep", withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: URL(filePath: kept + "/data/deep/file"))
            // What a link names is not the plugin's.
            let outside = node.folder + "/outside"
            try Data("not the plugin's".utf8).write(to: URL(filePath: outside))
            try FileManager.default.createSymbolicLink(atPath: kept + "/data/link", withDestinationPath: outside)
            let removed = try await node.plugin("remove", Self.id)
            #expect(removed.status == 0, "\(removed)")
            #expect(!FileManager.default.fileExists(atPath: kept))
            #expect(FileManager.default.fileExists(atPath: outside))
            let installed = try await node.plugin(
                "install", folder.path + "/versioned-1.0.0", "--sign", "--canary", "0")
            #expect(installed.status == 0, "\(installed)")
            try await node.waitForPlugin(Self.id, "ready")
            #expect(try user(node) > before)
        }
    }

    @Test("a plugin that is no longer trusted ends at once, its workloads stay, and it starts when it is trusted again")
    func distrust() async throws {
        try await RunningNode.with(plugins: VersionedPlugin.first()) { node in
            let user = try node.user()
            let contract = try await user.deployed([Self.workload("w")])
            let revoked = try await Programs.zos(["trust", "revoke", "development", "--state", node.folder])
            #expect(revoked.status == 0 && revoked.output.contains("plugin \(Self.id) ended"), "\(revoked.output)")
            let refused = try await state(node)
            #expect(refused?["state"]?.stringValue == "refused", "\(String(describing: refused))")
            #expect(refused?["reason"]?.stringValue?.isEmpty == false)
            #expect(try await user.client.deployment(contract: contract).json.contains("\"state\":\"ok\""))
            await #expect(throws: (any Error).self) { _ = try await user.deployed([Self.workload("refused")]) }
            // Neither its files nor its workloads go because nobody trusts it.
            let removal = try await node.plugin("remove", Self.id)
            #expect(removal.status != 0 && removal.json["error"]?["message"]?.stringValue?.contains("live") == true)

            let added = try await Programs.zos(
                ["trust", "revoke", "development", "--undo", "--state", node.folder])
            #expect(added.status == 0 && added.output.contains("plugin \(Self.id) 1.0.0 started"), "\(added.output)")
            try await node.waitForPlugin(Self.id, "ready")
            try await user.builder.cancel(contract: contract)
            try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
        }
    }

    @Test("a first version that is taken back leaves neither files nor a user")
    func takenBack() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        let broken = try versions.add("1.0.0", faults: ["CRASHES_IN_START"])
        try await RunningNode.with(plugins: PluginFolder(["echo"])) { node in
            let kept = "\(node.folder)/pools/main/plugins/\(Self.id)"
            try FileManager.default.createDirectory(atPath: kept + "/data", withIntermediateDirectories: true)
            let outcome = try await node.plugin("install", broken, "--sign", "--canary", "0")
            #expect(outcome.status != 0, "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: kept))
            let record = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: node.folder + "/uids"))))
            #expect(record["users"]?["org.zos.echo"] != nil && record["users"]?[Self.id] == nil, "\(record)")
        }
    }

    @Test("an export of a kind that the manifest does not declare fails the workload, and the text names the kind")
    func undeclaredExport() async throws {
        let folder = try PluginFolder([])
        try VersionedPlugin(folder: folder).add("1.0.0", faults: ["EXPORTS_A_SEGMENT"])
        try await RunningNode.with(plugins: folder) { node in
            let user = try node.user()
            let deployment = try await user.contracted(user.deployment([Self.workload("w")]))
            try await user.client.deploy(deployment)
            try await eventually("it has failed") {
                try await user.client.deployment(contract: deployment.contract).workload(named: "w")?.result.state
                    == .error
            }
            let result = try await user.client.deployment(contract: deployment.contract).workload(named: "w")?.result
            #expect(result?.message.contains("exports a 'segment'") == true, "\(String(describing: result))")
            // What the plugin has made all the same is removed with it.
            try await user.builder.cancel(contract: deployment.contract)
            try await user.client.waitForRemoval(of: deployment.contract, deadline: .seconds(60))
        }
    }
}
