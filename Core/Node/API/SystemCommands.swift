import Hosting
import JSON
import RMB

/// `zos.system.*` (docs/spec/node-api.md section 6).
struct SystemCommands: Sendable {
    let host: any CommandHost
    let files: HostFiles
    let diagnostics: NodeDiagnostics

    func register(on router: Router) {
        router.register("zos.system.version") { _ in ["zos": .string(NodeVersion.text), "zinit": "none"] }
        router.register("zos.system.dmi") { _ in
            let files = files
            guard let table = try await OwnThread.run({ DMITable(files) }) else {
                throw CallError("failed to read the firmware's tables: this machine shows none")
            }
            return table.json
        }
        router.register("zos.system.hypervisor") { _ in
            let files = files
            return .string(try await OwnThread.run { Hypervisor(files: files).name() })
        }
        router.register("zos.system.diagnostics") { _ in await diagnostics.json() }
        router.register("zos.system.node_features_get") { _ in .array(features().map { .string($0) }) }
    }

    private func features() -> [String] {
        let isPlanetary = HostInterfaces.planetary().isEmpty ? [] : ["yggdrasil"]
        return NodeFeatures.list(
            types: host.types().map(\.name), added: host.features(), transports: isPlanetary,
            order: NodeFacts.table.features)
    }
}
