import Foundation
import JSON
import Schema

@testable import Hosting
@testable import Node

/// The built-in plugins as their manifests describe them, with canned answers; and one type, `plain`, that is there at once.
struct CommandPlugins: CommandHost {
    private let plain = PlainHost()
    private let manifests: [Manifest]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../..")
        manifests = try ["network", "zmount", "publicip", "zmachine"].map { name in
            try Manifest(
                parsing: Array(Data(contentsOf: root.appendingPathComponent("Plugins/\(name)/plugin.json"))))
        }
    }

    func types() -> [HostedType] {
        plain.types()
            + manifests.flatMap { manifest in
                manifest.types.map { type in
                    HostedType(
                        name: type.name, plugin: manifest.id, pluginVersion: "1.0.0", summary: "", schema: true,
                        isShareable: type.isShareable, updatable: type.updatable, isPausable: type.isPausable,
                        references: type.references, exports: type.exports, info: type.info
                    ) { _ in nil }
                }
            }
    }

    func type(named name: String) -> HostedType? { types().first { $0.name == name } }

    func commands() -> [TypeCatalog.Command] {
        manifests.flatMap { manifest in
            manifest.commands.map { command in
                TypeCatalog.Command(
                    plugin: manifest.id, declaration: command,
                    request: command.request.flatMap { try? Schema(compiling: $0) })
            }
        }
    }

    func features() -> [String] { manifests.flatMap(\.features) }

    func reports() -> [PluginReport] {
        manifests.map {
            PluginReport(
                id: $0.id, version: "1.0.0", types: $0.types.map(\.name), state: "ready", reason: "", nextAttempt: nil,
                restarts: 0)
        } + [
            PluginReport(
                id: "test.plain", version: "1.0.0", types: ["plain"], state: "ready", reason: "", nextAttempt: nil,
                restarts: 0)
        ]
    }

    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) -> JSONValue {
        switch name {
        case "zos.network.list_wg_ports": [8051]
        case "zos.network.list_public_ips": ["198.51.100.10/24"]
        default: []
        }
    }

    func validate(_ subject: Subject) {}
    func capacity(type: String, data: JSONValue) -> Capacity { .none }
    func references(type: String, data: JSONValue) -> [ReferenceDemand] { [] }
    func provision(_ subject: Subject, paused: Bool) -> HostOutcome { HostOutcome(.ready, result: [:]) }
    func update(_ subject: Subject, previous: JSONValue) -> HostOutcome { HostOutcome(.ready, result: [:]) }
    func pause(_ subject: Subject) -> HostOutcome { HostOutcome(.ready) }
    func resume(_ subject: Subject) -> HostOutcome { HostOutcome(.ready) }
    func deprovision(_ subject: Subject) {}
}
