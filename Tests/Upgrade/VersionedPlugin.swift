import Foundation
import JSON
import TestNode
import WorkerFixtures

/// Packages of `versioned.c`, one folder per version.
struct VersionedPlugin {
    static let id = "test.versioned"
    static let type = "versioned"
    static let workload: JSONValue = ["type": "versioned", "data": [:]]

    let folder: PluginFolder

    /// Writes the package of a version and returns its folder.
    ///
    /// - Parameters:
    ///   - state: form of what it keeps, and the earlier ones that it reads.
    ///   - faults: macros of `versioned.c`.
    @discardableResult
    func add(
        _ version: String, state: (version: Int, migrates: [Int]) = (1, []), types: [String] = [type],
        faults: [String] = []
    ) throws -> String {
        let name = "versioned-\(version)"
        let manifest: JSONValue = [
            "manifest": 1, "id": .string(Self.id), "version": .string(version), "abi": ["min": 2, "max": 2],
            "summary": "Has many versions.", "license": "Apache-2.0",
            "types": .array(
                types.map { type in
                    [
                        "name": .string(type), "schema": "schema.json", "shareable": false, "updatable": [],
                        "pausable": false, "references": [], "exports": [],
                    ]
                }),
            "commands": [["name": "test.versioned.ping", "callers": "any", "summary": "Says which version serves."]],
            "entitlements": [], "companions": [], "limits": [:],
            "state": [
                "version": .number(JSONNumber(state.version)),
                "migrates": .array(state.migrates.map { .number(JSONNumber($0)) }),
            ],
        ]
        let source = TestObject.repository + "/Tests/Upgrade/versioned.c"
        let options =
            ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-Wno-unused-function", "-DVERSION=\"\(version)\""]
            + ["-DSTATE_VERSION=\(state.version)"] + faults.map { "-D\($0)" }
        try folder.write(Array(manifest.text.utf8), to: "\(name)/plugin.json")
        try folder.write(Array("{}".utf8), to: "\(name)/schema.json")
        try folder.write(TestObject.compile([source], options), to: "\(name)/plugin.so")
        return "\(folder.path)/\(name)"
    }

    /// What `zos up` starts with.
    static func first(_ version: String = "1.0.0") throws -> PluginFolder {
        let folder = try PluginFolder([])
        try VersionedPlugin(folder: folder).add(version)
        return folder
    }
}

extension RunningNode {
    /// `zos plugin …` on this node, with its JSON.
    func plugin(_ arguments: String...) async throws -> (status: Int32, json: JSONValue) {
        let outcome = try await Programs.zos(["plugin"] + arguments + ["--json", "--state", folder])
        let line = outcome.output.split(separator: "\n").last.map(String.init) ?? "null"
        return (outcome.status, try JSONValue(parsing: line))
    }

    /// The journal's changes of the test plugin.
    func history() async throws -> [JSONValue] {
        try await plugin("history", VersionedPlugin.id).json["changes"]?.arrayValue ?? []
    }

    /// The version that serves, by its own word.
    func servingVersion() async throws -> String {
        try await user().client.call("test.versioned.ping")["version"]?.stringValue ?? ""
    }
}
