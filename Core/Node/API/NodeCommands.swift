import Hosting
import JSON
import Provisioning
import RMB

/// The node's own commands: version, statistics, pools, addresses (docs/spec/node-api.md sections 4 to 6).
struct NodeCommands: Sendable {
    let engine: Engine
    let configuration: NodeConfiguration
    let machine: MachineFigures
    let news: LedgerNews

    func register(on router: Router) {
        router.register("zos.system.version") { _ in
            ["zos": .string(NodeVersion.text), "zinit": "none"]
        }
        router.register("zos.statistics.get") { _ in await statistics() }
        router.register("zos.storage.pools") { _ in .array([pool()]) }
        router.register("zos.gpu.list") { _ in .array([]) }
        router.register("zos.network.interfaces") { _ in
            let addresses = HostInterfaces.addresses().map(\.address)
            let planetary = addresses.filter { $0.hasPrefix("2") && $0.contains(":") && isPlanetary($0) }
            let own = addresses.filter { !planetary.contains($0) }
            return ["zos": .array(own.map { .string($0) }), "ygg": .array(planetary.map { .string($0) })]
        }
        router.register("zos.network.public_config_get") { _ in
            let chosen = configuration.publicConfiguration
            let config = chosen.isNull ? news.publicConfiguration : chosen
            guard !config.isNull else { throw CallError("no public configuration") }
            return config
        }
        router.register("zos.network.has_ipv6") { _ in
            guard HostInterfaces.addresses().contains(where: { $0.address.contains(":") && !isLocal($0.address) })
            else {
                throw CallError("no public ipv6 found")
            }
            return true
        }
    }

    private func statistics() async -> JSONValue {
        let figures = await engine.figures()
        let storage = poolFigures()
        let total = Capacity(cru: machine.cores, mru: machine.memory, sru: storage.size)
        let system = Capacity(mru: max(machine.memory / 10, configuration.memoryReserve))
        return [
            "total": total.json, "used": (figures.used + system).json, "system": system.json,
            "users": [
                "deployments": .number(JSONNumber(figures.deployments)),
                "workloads": .number(JSONNumber(figures.workloads)),
                "last_deployment_timestamp": .number(JSONNumber(figures.lastAccepted)),
            ],
            "open_connections": 0,
        ]
    }

    private func pool() -> JSONValue {
        let storage = poolFigures()
        return [
            "name": "main", "type": "ssd", "size": .number(JSONNumber(storage.size)),
            "used": .number(JSONNumber(storage.used)),
        ]
    }

    private func poolFigures() -> (size: UInt64, used: UInt64) {
        let storage = MachineFigures.storage(at: configuration.folders.pool)
        return (configuration.poolSize == 0 ? storage.size : min(configuration.poolSize, storage.size), storage.used)
    }

    /// 200::/7.
    private func isPlanetary(_ address: String) -> Bool {
        guard let first = address.split(separator: ":", omittingEmptySubsequences: false).first,
            let group = UInt16(first, radix: 16)
        else { return false }
        return group & 0xfe00 == 0x0200
    }

    private func isLocal(_ address: String) -> Bool {
        address.hasPrefix("fc") || address.hasPrefix("fd") || address.hasPrefix("fe80") || isPlanetary(address)
    }
}

/// The program's version; changed with each release.
public enum NodeVersion {
    public static let text = "0.1.0"
}
