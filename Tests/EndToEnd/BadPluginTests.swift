import Client
import Foundation
import JSON
import TestNode
import Testing
import WorkerFixtures

/// Plugins that crash, hang or are not what they should be. The node starts in spite of them, and the others serve.
@Suite("Bad plugins", .serialized)
struct BadPluginTests {
    private let echo: JSONValue = ["name": "a", "type": "echo", "data": ["text": "x"]]
    private static let faulty = "test.plugin-00000001"
    private static let patient = "test.plugin-00000004"

    private func manifest(_ id: String, type: String, deadlines: JSONValue = [:]) -> [UInt8] {
        let manifest: JSONValue = [
            "manifest": 1, "id": .string(id), "version": "1.0.0", "abi": ["min": 1, "max": 1], "summary": "Misbehaves.",
            "license": "Apache-2.0",
            "types": [
                [
                    "name": .string(type), "schema": "schema.json", "shareable": false, "updatable": [],
                    "pausable": false, "references": [], "exports": [],
                ]
            ],
            "commands": [], "entitlements": [], "companions": [], "limits": ["deadlines": deadlines],
            "state": ["version": 1, "migrates": []],
        ]
        return Array(manifest.text.utf8)
    }

    private func add(
        _ id: String, _ type: String, _ macros: [String] = [], deadlines: JSONValue = [:], schema: String = "{}",
        to folder: PluginFolder
    ) throws {
        try folder.write(manifest(id, type: type, deadlines: deadlines), to: "\(type)/plugin.json")
        try folder.write(Array(schema.utf8), to: "\(type)/schema.json")
        try folder.write(TestObject.build(macros, named: id), to: "\(type)/plugin.so")
    }

    private func report(_ id: String, _ user: NodeUser) async throws -> JSONValue? {
        try await user.client.call("zos.plugin.list").arrayValue?.first { $0["id"]?.stringValue == id }
    }

    @Test(
        "plugins that crash or hang at their start are restarted, named with their reason, and keep nobody from serving"
    )
    func start() async throws {
        let folder = try PluginFolder(["echo"])
        try add("test.plugin-00000002", "crashing", ["CRASHES_IN_START"], to: folder)
        try add("test.plugin-00000003", "hanging", ["HANGS_IN_START"], deadlines: ["start": 1], to: folder)
        try await RunningNode.with(plugins: folder) { node in
            let user = try node.user()
            _ = try await user.deployed([echo])
            for (id, type) in [("test.plugin-00000002", "crashing"), ("test.plugin-00000003", "hanging")] {
                try await eventually("\(id) has failed") {
                    try await !(report(id, user)?["reason"]?.stringValue ?? "").isEmpty
                }
                let deployment = try await user.contracted(
                    user.deployment([["name": "b", "type": .string(type), "data": [:]]]))
                let refusal = try await user.refusal(deployment.json)
                #expect(refusal.contains(id) || refusal.contains(type), "\(refusal)")
                #expect(try await user.client.deployments().count == 1)
            }
        }
    }

    @Test("a plugin that crashes or hangs at work fails the workload at hand with a clear text; others do not notice")
    func work() async throws {
        let folder = try PluginFolder(["echo"])
        let deadlines: JSONValue = ["capacity": 2, "provision": 2, "deprovision": 2]
        try add(Self.faulty, "faulty", deadlines: deadlines, to: folder)
        try await RunningNode.with(plugins: folder) { node in
            let user = try node.user()
            let kept = try await user.deployed([echo])
            let before = try await user.client.deployment(contract: kept).json
            for (fault, reason) in [("segv", "signal"), ("nothing", "in time")] {
                try await node.waitForPlugin(Self.faulty, "ready")
                let deployment = try await user.contracted(
                    user.deployment([["name": "b", "type": "faulty", "data": ["do": .string(fault)]]]))
                let refusal = try await user.refusal(deployment.json)
                #expect(refusal.contains(Self.faulty) && refusal.contains(reason), "\(fault): \(refusal)")
            }
            try await node.waitForPlugin(Self.faulty, "ready")
            let deployment = try await user.contracted(
                user.deployment([
                    ["name": "b", "type": "faulty", "data": ["do": "nothing", "at": "provision"]],
                    ["name": "c", "type": "echo", "data": ["text": "beside it"]],
                ]))
            try await user.client.deploy(deployment)
            await #expect(throws: ClientError.self) {
                try await user.client.wait(
                    for: [WorkloadGoal("b", .running(version: 0))], contract: deployment.contract,
                    deadline: .seconds(60))
            }
            let ended = try await user.client.deployment(contract: deployment.contract)
            #expect(ended.workload(named: "c")?.result.state == .ok)
            #expect(ended.workload(named: "b")?.result.message.contains(Self.faulty) == true, "\(ended.json)")
            #expect(try await user.client.deployment(contract: kept).json == before)
        }
    }

    @Test("broken, hostile and tampered packages are refused by name and reason; the node starts and the others serve")
    func refused() async throws {
        let folder = try PluginFolder(["echo", "zmount"])
        try add("test.plugin-00000005", "vast", schema: #"{"pattern":"((a{1,500}){1,500}){1,500}"}"#, to: folder)
        try add(
            Self.patient, "patient", schema: #"{"properties":{"text":{"type":"string","pattern":"^((a+)+)+$"}}}"#,
            to: folder)
        try folder.write(manifest("test.broken", type: "broken"), to: "broken/plugin.json")
        try folder.write(Array("{}".utf8), to: "broken/schema.json")
        try folder.write(Array("no object".utf8), to: "broken/plugin.so")
        try await RunningNode.with(plugins: folder) { node in
            let user = try node.user()
            let kept = try await user.deployed([echo])
            let before = try await user.client.deployment(contract: kept).json
            #expect(try await report("test.broken", user) == nil)
            #expect(try await report("test.plugin-00000005", user) == nil)
            try await node.waitForPlugin(Self.patient, "ready")
            let text = String(repeating: "a", count: 20_000) + "b"
            let hostile = try user.deployment([["name": "b", "type": "patient", "data": ["text": .string(text)]]])
            let start = ContinuousClock.now
            let refusal = try await user.refusal(hostile.json)
            #expect(refusal.contains("pattern"), "\(refusal)")
            #expect(ContinuousClock.now - start < .seconds(10))

            try await node.stop()
            let object = try tamper(node, "org.zos.zmount")
            try await node.up(.asInstalled)
            let zmount = try #require(try await report("org.zos.zmount", user))
            #expect(zmount["state"]?.stringValue == "refused")
            #expect(zmount["reason"]?.stringValue?.contains("plugin.so") == true, "\(zmount.text) \(object)")
            try await node.waitForPlugin("org.zos.echo", "ready")
            #expect(try await user.client.deployment(contract: kept).json == before)
            _ = try await user.deployed([["name": "a", "type": "echo", "data": ["text": "after"]]])
        }
    }

    /// Changes one byte of an installed object.
    private func tamper(_ node: RunningNode, _ id: String) throws -> String {
        let root = "\(node.folder)/plugins/installed/\(id)"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let object = try #require(names.first { $0.hasSuffix("plugin.so") }.map { "\(root)/\($0)" })
        var bytes = try Data(contentsOf: URL(fileURLWithPath: object))
        bytes[bytes.count / 2] ^= 1
        chmod(object, 0o644)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: object))
        try handle.write(contentsOf: bytes)
        try handle.close()
        chmod(object, 0o444)
        return object
    }
}
