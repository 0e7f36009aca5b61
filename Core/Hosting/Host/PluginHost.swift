import JSON
import Logging
import Synchronization

/// Runs all plugins of a node and passes every question to the one that serves its type.
///
/// A plugin that was refused, fails or hangs costs its own types and nothing else. What runs can change: `PluginHost+Changes.swift`.
public final class PluginHost: Sendable {
    /// What a plugin does when it starts.
    public enum Preparation: Sendable {
        case initialize
        case none
    }

    struct State {
        /// Plugins that serve, by id.
        var doors: [String: PluginDoor] = [:]
        /// All verified packages, also those that the catalogue leaves out.
        var packages: [String: RunnablePlugin] = [:]
        var trials: [String: HostedPlugin] = [:]
        var catalog: TypeCatalog
        var trust: TrustPolicy
        /// What was not loaded, for reports.
        var refused: [String: PluginReport]
    }

    let state: Mutex<State>
    let registry: SubjectRegistry
    let log: Logger
    let metricReader = PluginMetricReader()
    let holder = EventHolder()
    let reservedCommands: [String]
    let retirements: AsyncStream<HostedPlugin>.Continuation
    private let retired: AsyncStream<HostedPlugin>
    private let launcher: WorkerLauncher
    private let companions: CompanionRunner?
    private let preparation: Preparation
    private let restarts: RestartPolicy

    /// - Parameters:
    ///   - plugins: what was verified. Those that the catalogue leaves out are reported as refused.
    ///   - trust: decides between two that claim the same.
    ///   - reservedCommands: beginnings of commands that no plugin may claim.
    ///   - refused: what was not loaded, for reports.
    ///   - restarts: how restarts of workers that failed are spaced.
    ///   - preparation: whether plugins prepare the host when they start; a host that only asks for judgement leaves it as it is.
    public init(
        plugins: [RunnablePlugin], trust: TrustPolicy, reservedCommands: [String], refused: [PluginReport],
        launcher: WorkerLauncher, registry: SubjectRegistry, companions: CompanionRunner?,
        preparation: Preparation = .initialize, restarts: RestartPolicy = RestartPolicy(), log: Logger
    ) {
        self.registry = registry
        self.log = log
        self.launcher = launcher
        self.companions = companions
        self.preparation = preparation
        self.restarts = restarts
        self.reservedCommands = reservedCommands
        (retired, retirements) = AsyncStream.makeStream()
        let catalog = TypeCatalog(plugins.map(\.package), trust: trust, reservedCommands: reservedCommands)
        state = Mutex(
            State(
                catalog: catalog, trust: trust,
                refused: Dictionary(refused.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })))
        let doors = plugins.filter { catalog.plugins.contains($0.id) }.map { ($0.id, PluginDoor(host($0, on: nil))) }
        for refusal in catalog.refusals {
            log.error("plugin refused", metadata: ["plugin": "\(refusal.plugin)", "reason": "\(refusal.reason)"])
        }
        state.withLock { state in
            state.packages = Dictionary(plugins.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            state.doors = Dictionary(doors, uniquingKeysWith: { first, _ in first })
        }
    }

    /// A worker for a version, not started.
    func host(_ runnable: RunnablePlugin, on trial: PluginTrial?) -> HostedPlugin {
        let lives = Mutex(0)
        let (preparation, holder, registry, log) = (preparation, holder, registry, log)
        let worker = PluginWorker(
            runnable.plan, launcher: launcher, services: runnable.services, log: log, restarts: restarts
        ) { session in
            guard preparation == .initialize else { return }
            let isRestart = lives.withLock { lives in
                defer { lives += 1 }
                return lives > 0
            }
            let introduction = PluginIntroduction(
                package: runnable.package, session: session, events: holder.events, registry: registry, log: log)
            try await introduction.run(trial: trial)
            if isRestart { await introduction.checkWorkloads() }
        }
        return HostedPlugin(runnable, worker: worker)
    }

    /// Says who is told about workloads. Call before `start`.
    public func attach(_ events: any WorkloadEvents) { holder.set(events) }

    /// The versions that serve, by id.
    var hosted: [HostedPlugin] {
        state.withLock { $0.doors.values.map(\.current) }.sorted { $0.id < $1.id }
    }

    /// Starts all workers side by side. Those that fail are tried again by themselves.
    public func start() async {
        await withDiscardingTaskGroup { group in
            for plugin in hosted { group.addTask { await self.start(plugin) } }
        }
    }

    func start(_ plugin: HostedPlugin) async {
        do {
            try await plugin.worker.start()
        } catch {
            log.error("plugin not started", metadata: ["plugin": "\(plugin.id)", "reason": "\(error)"])
        }
    }

    /// Ends all workers. Workloads and their companions go on.
    public func stop() async {
        let trials = state.withLock { Array($0.trials.values) }
        await withDiscardingTaskGroup { group in
            for plugin in hosted + trials { group.addTask { await plugin.worker.stop(grace: .seconds(3)) } }
        }
    }

    /// Tells plugins about companions that ended and ends versions that were replaced, until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.retire() }
            guard let companions else { return }
            group.addTask { await companions.run() }
            for await exit in companions.exits { group.addTask { await self.report(exit) } }
        }
    }

    /// Ends versions that were replaced, each when nobody asks it anything any more.
    private func retire() async {
        await withDiscardingTaskGroup { group in
            for await plugin in retired {
                group.addTask {
                    await plugin.becomeIdle(within: .seconds(300))
                    await plugin.worker.stop(grace: .seconds(3))
                }
            }
        }
    }

    private func report(_ exit: CompanionExit) async {
        guard let events = holder.events, let door = door(named: exit.plugin) else { return }
        log.notice(
            "companion ended",
            metadata: ["plugin": "\(exit.plugin)", "companion": "\(exit.companion)", "instance": "\(exit.instance)"])
        guard let workload = exit.workload else { return }
        let plugin = await door.enter()
        defer { plugin.leave() }
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

    /// Every plugin that is installed, loaded or not.
    public func reports() -> [PluginReport] {
        let (refused, left) = state.withLock { state in
            let left = state.catalog.refusals.compactMap { refusal in
                state.packages[refusal.plugin].map { ($0.package.manifest, refusal.reason) }
            }
            return (state.refused.values.filter { state.doors[$0.id] == nil }, left)
        }
        let leftOut = left.map { manifest, reason in
            PluginReport(
                id: manifest.id, version: manifest.version.text, types: manifest.types.map(\.name), state: "refused",
                reason: "\(reason)", nextAttempt: nil, restarts: 0)
        }
        return hosted.map(\.report) + (refused + leftOut).sorted { $0.id < $1.id }
    }

    /// Makes the catalogue anew. What it accepts now and left out before is started by `startAccepted`.
    func rebuildCatalog() {
        state.withLock { state in
            state.catalog = TypeCatalog(
                state.packages.values.map(\.package), trust: state.trust, reservedCommands: reservedCommands)
        }
    }

    private var catalog: TypeCatalog { state.withLock { $0.catalog } }

    func door(named id: String) -> PluginDoor? { state.withLock { $0.doors[id] } }

    func door(serving type: String) throws(HostingError) -> PluginDoor {
        guard let hosted = catalog.type(named: type), let door = door(named: hosted.plugin) else {
            throw HostingError(.unknownType, "no plugin serves the type '\(type)'", hint: "see `zos types`")
        }
        return door
    }

    /// The version that serves now.
    func plugin(named id: String) -> HostedPlugin? { door(named: id)?.current }

    public func type(named name: String) -> HostedType? { catalog.type(named: name) }
    public func types() -> [HostedType] { catalog.types }

    /// The commands that manifests declare, with the plugin that serves each.
    public func commands() -> [TypeCatalog.Command] { catalog.commands }

    /// What loaded plugins add to the node's features beside their types.
    public func features() -> [String] { catalog.features }
}

/// Lets workers, which are made first, find who is told about workloads, who is made later.
final class EventHolder: Sendable {
    private let held = Mutex<(any WorkloadEvents)?>(nil)
    var events: (any WorkloadEvents)? { held.withLock { $0 } }
    func set(_ events: any WorkloadEvents) { held.withLock { $0 = events } }
}
