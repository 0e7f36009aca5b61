import Contracts
import Hosting
import JSON
import Provisioning
import RMB
import Signatures

/// Every command that a node answers (docs/spec/node-api.md), apart from those of development switches.
struct NodeAPI: Sendable {
    let configuration: NodeConfiguration
    let engine: Engine
    let host: any CommandHost
    let ledger: any Ledger
    let keys: any TwinKeys
    let access: CallerAccess
    let machine: MachineFigures
    let metrics: NodeMetrics
    let board: PerformanceBoard
    let files: HostFiles
    let holders: @Sendable (_ space: String) -> [String: String]
    /// The public configuration that the ledger has for the node; null for none.
    let registered: @Sendable () -> JSONValue

    /// Serves them.
    /// - Returns: the plugins' part, to be refreshed when plugins change.
    func register(on router: Router) -> PluginCommands {
        access.guardNames(of: router)
        DeploymentCommands(engine: engine, keys: keys).register(on: router)
        TypeCommands(host: host).register(on: router)
        ResourceCommands(
            engine: engine, configuration: configuration, machine: machine, files: files, holders: holders
        ).register(on: router)
        NetworkCommands(configured: configuration.publicConfiguration, registered: registered).register(on: router)
        SystemCommands(host: host, files: files, diagnostics: diagnostics).register(on: router)
        AdminCommands(device: publicDevice, metrics: metrics).register(on: router)
        PerformanceCommands(board: board).register(on: router)
        LocationCommands(location: configuration.location).register(on: router)
        DebugCommands(engine: engine, inspector: WorkloadInspector(host: host)).register(on: router)
        let plugins = PluginCommands(host: host, engine: engine, access: access, router: router)
        plugins.refresh()
        return plugins
    }

    var publicDevice: PublicDevice {
        PublicDevice(
            publicBridge: configuration.exits["public"]?["bridge"]?.stringValue,
            ownBridge: configuration.exits["node"]?["bridge"]?.stringValue,
            path: configuration.folders.state + "/public-device")
    }

    private var diagnostics: NodeDiagnostics {
        NodeDiagnostics(
            host: host, engine: engine, ledger: ledger, board: board, pool: configuration.folders.pool,
            now: { UnixTime.now().seconds })
    }

    /// The tasks that the operator wants.
    static func tasks(
        _ configuration: NodeConfiguration, farm: UInt32, engine: Engine, ledger: any Ledger, machine: MachineFigures
    ) -> [any PerformanceTask] {
        let all: [any PerformanceTask] = [
            HealthCheck(
                folder: configuration.folders.state, ledger: ledger, peers: configuration.performance.peers),
            ProcessorBenchmark(threads: Int(clamping: machine.cores)) { await engine.figures().workloads },
            NetworkBenchmark(), AddressValidation(ledger: ledger, farm: farm),
        ]
        return all.filter { configuration.performance.tasks.contains($0.name) }
    }
}
