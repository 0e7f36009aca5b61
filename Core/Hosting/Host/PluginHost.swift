import JSON
import Logging
import Synchronization

/// Runs all plugins of a node and passes every question to the one that serves its type.
///
/// A plugin that was refused, fails or hangs costs its own types and nothing else.
public final class PluginHost: Sendable {
    /// What a plugin does when it starts.
    public enum Preparation: Sendable {
        case initialize
        case none
    }

    let plugins: [HostedPlugin]
    let registry: SubjectRegistry
    let log: Logger
    private let refused: [PluginReport]
    private let catalog: TypeCatalog
    private let byID: [String: Int]
    private let companions: CompanionRunner?
    private let events: Mutex<(any WorkloadEvents)?>

    /// - Parameters:
    ///   - packages: what was verified, each with a plan for its worker.
    ///   - catalog: which of them serves what; those that it refuses are left out.
    ///   - refused: what was not loaded, for reports.
    ///   - restarts: how restarts of workers that failed are spaced.
    ///   - preparation: whether plugins prepare the host when they start; a host that only asks for judgement leaves it as it is.
    public init(
        packages: [(package: PluginPackage, plan: WorkerPlan)], catalog: TypeCatalog, refused: [PluginReport],
        launcher: WorkerLauncher,
        services: any HostServices, registry: SubjectRegistry, companions: CompanionRunner?,
        preparation: Preparation = .initialize, restarts: RestartPolicy = RestartPolicy(), log: Logger
    ) {
        let holder = EventHolder()
        self.registry = registry
        self.refused = refused
        self.log = log
        self.companions = companions
        events = Mutex(nil)
        self.catalog = catalog
        plugins = packages.filter { catalog.plugins.contains($0.package.manifest.id) }.map { package, plan in
            let types = catalog.types.filter { $0.plugin == package.manifest.id }
            let names = types.map(\.name)
            let worker = PluginWorker(plan, launcher: launcher, services: services, log: log, restarts: restarts) {
                session in
                guard preparation == .initialize else { return }
                try await PluginHost.initialize(session, package.manifest.id, names, holder.events, registry)
            }
            return HostedPlugin(package: package, worker: worker, types: types)
        }
        byID = Dictionary(plugins.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.holder = holder
    }

    private let holder: EventHolder

    /// Says who is told about workloads. Call before `start`.
    public func attach(_ events: any WorkloadEvents) {
        self.events.withLock { $0 = events }
        holder.set(events)
    }

    /// Starts all workers side by side. Those that fail are tried again by themselves.
    public func start() async {
        await withDiscardingTaskGroup { group in
            for plugin in plugins {
                group.addTask { [log] in
                    do {
                        try await plugin.worker.start()
                    } catch {
                        log.error("plugin not started", metadata: ["plugin": "\(plugin.id)", "reason": "\(error)"])
                    }
                }
            }
        }
    }

    /// Ends all workers. Workloads and their companions go on.
    public func stop() async {
        await withDiscardingTaskGroup { group in
            for plugin in plugins { group.addTask { await plugin.worker.stop(grace: .seconds(3)) } }
        }
    }

    /// Tells plugins about companions that ended, until the task is cancelled.
    public func run() async {
        guard let companions else { return }
        await withDiscardingTaskGroup { group in
            group.addTask { await companions.run() }
            for await exit in companions.exits { group.addTask { await self.report(exit) } }
        }
    }

    private func report(_ exit: CompanionExit) async {
        guard let events = events.withLock({ $0 }), let plugin = byID[exit.plugin].map({ plugins[$0] }) else { return }
        log.notice(
            "companion ended",
            metadata: ["plugin": "\(exit.plugin)", "companion": "\(exit.companion)", "instance": "\(exit.instance)"])
        guard let workload = exit.workload else { return }
        do {
            let (reply, _) = try await plugin.worker.request(.companionExited, payload: exit.json)
            switch reply["action"]?.stringValue {
            case "restart": await events.reprovision(workload)
            case "fail": await events.fail(workload, message: reply["message"]?.stringValue ?? "what ran for it ended")
            default: break
            }
        } catch {
            log.error("companion's end not handled", metadata: ["instance": "\(exit.instance)", "error": "\(error)"])
        }
    }

    private static func initialize(
        _ session: WorkerSession, _ plugin: String, _ types: [String], _ events: (any WorkloadEvents)?,
        _ registry: SubjectRegistry
    ) async throws {
        let subjects = await events?.subjects(of: types) ?? []
        for subject in subjects { registry.record(subject, of: plugin) }
        try await session.initialize(subjects)
    }

    /// Every plugin that is installed, loaded or not.
    public func reports() -> [PluginReport] {
        plugins.map(\.report) + refused
    }

    func plugin(serving type: String) throws(HostingError) -> HostedPlugin {
        guard let hosted = catalog.type(named: type), let plugin = plugin(named: hosted.plugin) else {
            throw HostingError(.unknownType, "no plugin serves the type '\(type)'", hint: "see `zos types`")
        }
        return plugin
    }

    func plugin(named id: String) -> HostedPlugin? { byID[id].map { plugins[$0] } }

    public func type(named name: String) -> HostedType? { catalog.type(named: name) }
    public func types() -> [HostedType] { catalog.types }

    /// The commands that manifests declare, with the plugin that serves each.
    public func commands() -> [TypeCatalog.Command] { catalog.commands }
}

/// Lets workers, which are made first, find who is told about workloads, who is made later.
private final class EventHolder: Sendable {
    private let held = Mutex<(any WorkloadEvents)?>(nil)
    var events: (any WorkloadEvents)? { held.withLock { $0 } }
    func set(_ events: any WorkloadEvents) { held.withLock { $0 = events } }
}
