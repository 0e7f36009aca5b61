import Hosting
import JSON
import Provisioning
import RMB

/// What the node has and what of it is taken: `zos.statistics.get`, `zos.storage.pools`, `zos.gpu.list`
/// (docs/spec/node-api.md section 4).
struct ResourceCommands: Sendable {
    let engine: Engine
    let configuration: NodeConfiguration
    let machine: MachineFigures
    let files: HostFiles
    /// Workloads that hold something of a space, by what they hold.
    let holders: @Sendable (_ space: String) -> [String: String]

    /// The space in which plugins reserve the graphics cards that they hand out.
    private static let cards = "gpu"

    func register(on router: Router) {
        router.register("zos.statistics.get") { _ in try await statistics() }
        router.register("zos.storage.pools") { _ in .array([pool(await engine.figures().used)]) }
        router.register("zos.gpu.list") { _ in
            let files = files
            let taken = holders(Self.cards)
            let found = try await OwnThread.run { GraphicsCards(files: files).list() }
            return .array(found.map { Self.json($0, contract: Self.contract(of: taken[$0.id])) })
        }
    }

    private func statistics() async throws -> JSONValue {
        let files = files
        let figures = await engine.figures()
        let total = Capacity(cru: machine.cores, mru: machine.memory, sru: storage().size)
        let system = Capacity(mru: max(machine.memory / 10, configuration.memoryReserve))
        return [
            "total": total.json, "used": (figures.used + system).json, "system": system.json,
            "users": [
                "deployments": .number(JSONNumber(figures.deployments)),
                "workloads": .number(JSONNumber(figures.workloads)),
                "last_deployment_timestamp": .number(JSONNumber(figures.lastAccepted)),
            ],
            "open_connections": .number(
                JSONNumber(try await OwnThread.run { OpenConnections.count(files) })),
        ]
    }

    /// The one pool, in which disks and volumes are. What is taken is what its file system says; of a pool that is only a
    /// part of it, what workloads have reserved.
    private func pool(_ used: Capacity) -> JSONValue {
        let storage = storage()
        return [
            "name": "main", "type": "ssd", "size": .number(JSONNumber(storage.size)),
            "used": .number(JSONNumber(min(storage.size, storage.isPart ? used.sru : storage.used))),
        ]
    }

    private func storage() -> (size: UInt64, used: UInt64, isPart: Bool) {
        let storage = MachineFigures.storage(at: configuration.folders.pool)
        let isPart = configuration.poolSize != 0 && configuration.poolSize < storage.size
        return (isPart ? configuration.poolSize : storage.size, storage.used, isPart)
    }

    private static func json(_ card: GraphicsCards.Card, contract: UInt64) -> JSONValue {
        [
            "id": .string(card.id), "vendor": .string(card.vendor), "device": .string(card.device),
            "vram": .number(JSONNumber(card.memory)), "contract": .number(JSONNumber(contract)),
        ]
    }

    /// The middle of a workload's id; 0 for nobody.
    private static func contract(of workload: String?) -> UInt64 {
        let parts = workload?.split(separator: "-") ?? []
        return parts.count == 3 ? UInt64(parts[1]) ?? 0 : 0
    }
}

/// The program's version; changed with each release.
public enum NodeVersion {
    public static let text = "0.1.0"
}
