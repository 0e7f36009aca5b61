import Foundation
import JSON
import WorkerFixtures

/// A built folder of a small plugin in C that keeps a file per workload, with one fault or none. It goes with the last reference.
final class KeptPlugin: Sendable {
    let path: String

    /// - Parameter fault: a macro of `kept.c`.
    init(fault: String? = nil, version: String = "1.0.0") throws {
        path = "/tmp/zt-kept-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        for folder in ["schemas", "docs"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        let macros = ["PLUGIN_VERSION=\"\(version)\""] + (fault.map { [$0] } ?? [])
        try TestObject.compile(
            ["kept.c"], ["-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Werror"] + macros.map { "-D\($0)" },
            to: path + "/plugin.so")
        try write(Self.manifest(version), to: "plugin.json")
        try write(Self.schema, to: "schemas/kept.json")
        try write(Self.examples, to: "docs/conformance.json")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ value: JSONValue, to file: String) throws {
        try Data(value.text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    private static func manifest(_ version: String) -> JSONValue {
        [
            "manifest": 1, "id": "test.kept", "version": .string(version), "abi": ["min": 2, "max": 2],
            "summary": "Keeps a file.",
            "types": [["name": "kept", "schema": "schemas/kept.json", "updatable": ["/text"]]],
            "entitlements": [
                ["name": "folder", "parameters": ["name": "kept"], "reason": "One file per workload is kept there."]
            ],
        ]
    }

    private static let schema: JSONValue = [
        "type": "object", "properties": ["text": ["type": "string", "maxLength": 60]], "required": ["text"],
        "additionalProperties": false,
    ]

    private static let examples: JSONValue = [
        "conformance": 1,
        "examples": [
            [
                "name": "kept", "workloads": [["name": "a", "type": "kept", "data": ["text": "x"]]],
                "updates": [["workload": "a", "data": ["text": "y"]]], "parallel": 3,
            ]
        ],
    ]
}
