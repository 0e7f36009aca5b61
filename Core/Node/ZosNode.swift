import Contracts
import Deployments
import Glibc
import Hosting
import JSON
import Logging
import Overlay
import Provisioning
import RMB
import Signatures
import Synchronization

/// A node: everything put together, in the order in which it can work.
///
/// `start` throws for what an operator must mend. From then on the node looks after itself: a ledger that is away is waited for, plugins are
/// restarted, and what was accepted is run. Ending it leaves workloads and companions running.
public final class ZosNode: Sendable {
    public let configuration: NodeConfiguration
    public let id: UInt32
    public let twin: UInt32
    /// Where the message bus listens.
    public let addresses: [PeerAddress]
    let engine: Engine
    let host: PluginHost
    private let brokers: Brokers
    private let lock: StateLock
    private let ledger: NodeLedger
    private let server: RMBServer
    private let messages: NodeMessages
    private let watcher: ContractWatcher
    private let chain: NodeChain
    private let reporter: ResourceReporter
    private let control: ControlServer
    private let log: Logger
    private let group: String
    private let metrics: MetricsServer?
    private let trace: SandboxTrace?
    private let overlay: Overlay?
    private let board: PerformanceBoard

    /// - Parameters:
    ///   - listener: a stream socket that listens already; instead of the configured addresses.
    public init(configuration: NodeConfiguration, listener: Int32? = nil, log: Logger) async throws {
        self.configuration = configuration
        self.log = log
        let folders = configuration.folders
        try FaultBoard.check(configuration)
        lock = try folders.prepare()
        let identity = try NodeIdentity(folder: folders.identity, network: configuration.network)
        let ledger = try await NodeLedger(configuration: configuration, log: log)
        self.ledger = ledger
        let chain = NodeChain(
            configuration: configuration, ledger: ledger.ledger, key: identity.keys,
            encryptionKey: configuration.relayEndpoints.isEmpty ? nil : HexBytes(identity.encryption.publicKey),
            log: log)
        let registered = try await ledger.working { try await chain.registrar.start() }
        (twin, id) = (registered.twin, registered.node)
        let registry = SubjectRegistry()
        let board = configuration.allowsUnsafeFaults ? FaultBoard() : nil
        let trace = try PluginTrace.make(configuration, log: log)
        self.trace = trace
        let hosting = NodeHosting(
            configuration: configuration, node: id, registry: registry, log: log, faults: board, trace: trace)
        let store = try DeploymentStore(path: folders.database)
        // Before plugins are loaded: which package is the current one may depend on a change that was interrupted.
        let uids = try UIDAllocator(path: folders.uids)
        try await InterruptedChanges(
            store: store, packages: try hosting.packageStore(), plugins: hosting.plugins(uids), log: log
        ).settle()
        let parts = try await hosting.build(uids)
        let host = parts.host
        self.host = host
        brokers = parts.brokers
        group = parts.group
        let machine = MachineFigures()
        let now: @Sendable () -> Int64 = { UnixTime.now().seconds }
        let node = id
        let keys = LedgerTwinKeys(ledger: ledger.ledger)
        let directory = CachedTwinDirectory(LedgerTwinDirectory(ledger: ledger.ledger), log: log)
        let news = LedgerNews(
            node: node, config: registered.publicConfig, ledger: ledger.ledger, keys: keys, log: log)
        let reporter = chain.reporter(node: node)
        let ownerCheck = try configuration.identityService().map { IdentityCheck(service: $0, log: log) }
        self.chain = chain
        self.reporter = reporter
        engine = Engine(
            store: store, host: board.map { HeldHost(host: host, board: $0) } ?? host,
            gate: LedgerGate(checks: AcceptanceChecks(ledger: ledger.ledger, node: node)),
            settings: EngineSettings(
                node: node,
                admission: MemoryAdmission(total: machine.memory, floor: configuration.memoryReserve),
                storage: configuration.storage, memoryInUse: MachineFigures.memoryInUse, now: now,
                typeOrder: HistoricTypes.all.sorted { $0.order < $1.order }.map(\.name),
                boot: MachineTime.boot(), ownerCheck: ownerCheck,
                capacityChanged: { contract, capacity in reporter.note(contract, capacity) },
                stored: { operation, type in
                    guard let board, let plugin = host.type(named: type)?.plugin else { return }
                    await board.pass("\(operation) stored", of: plugin)
                }), log: log)
        try await engine.load()
        // Before any plugin works: what a core that was killed made for a workload that it had not stored, or kept of one that
        // it had already forgotten.
        let swept = await parts.brokers.sweep(known: await engine.workloadIDs())
        if !swept.isEmpty {
            log.warning("removed what belongs to no workload", metadata: ["objects": "\(swept.joined(separator: " "))"])
        }
        let events = EngineEvents(engine: engine)
        host.attach(events)
        brokers.attach(events)
        watcher = ContractWatcher(
            ledger: ledger.ledger, engine: engine, store: store, node: node, farm: registered.farm,
            listeners: [news, TwinNews(directory: directory)], now: now, log: log)
        let router = Router()
        let access = CallerAccess(
            ledger: ledger.ledger, farm: registered.farm, administrators: configuration.administrators)
        messages = try NodeMessages(
            configuration: configuration, identity: identity, twin: twin, directory: directory, router: router, log: log
        )
        let figures = NodeMetrics(
            plugins: { await host.metrics() }, engine: engine, started: .now, relayed: messages.peer?.figures)
        self.board = PerformanceBoard(
            NodeAPI.tasks(
                configuration, farm: registered.farm, engine: engine, ledger: ledger.ledger, machine: machine),
            path: folders.state + "/performance.json", first: configuration.performance.first, now: now, log: log)
        let brokers = parts.brokers
        let api = NodeAPI(
            configuration: configuration, engine: engine, host: host, ledger: ledger.ledger, keys: keys,
            access: access, machine: machine, metrics: figures, board: self.board, files: HostFiles(),
            holders: { brokers.holders(in: $0) }, registered: { news.publicConfiguration })
        let pluginCommands = api.register(on: router)
        do throws(CallError) { try api.publicDevice.restore() } catch {
            log.error("the device of public addresses is not as chosen", metadata: ["error": "\(error)"])
        }
        if let trace { TraceCommands(trace: trace, access: access).register(on: router) }
        if let board { FaultCommands(board: board, host: host, engine: engine, access: access).register(on: router) }
        let commands = ControlCommands()
        let changes = PluginChanges(
            parts: parts, engine: engine, store: store, trustFile: folders.plugins + "/trust.json", board: board,
            log: log
        ) { pluginCommands.refresh() }
        PluginControl(host: host, changes: changes).register(on: commands)
        control = try ControlServer(path: folders.controlSocket, commands: commands, log: log)
        if let address = configuration.metrics {
            metrics = try await MetricsServer(at: address) { await figures.text() }
        } else {
            metrics = nil
        }
        overlay = configuration.overlay.map {
            Overlay(settings: $0, key: identity.keys, companions: parts.companions, log: log)
        }
        // One that the configuration no longer wants may have outlived the node that started it.
        if overlay == nil { try await Overlay.end(parts.companions) }
        let overlay = overlay
        commands.register("overlay.end") { _ in
            try await overlay?.end()
            return [:]
        }
        var bus = RMBServer.Configuration()
        bus.listeners = try listener.map { [.descriptor($0)] } ?? ZosNode.listeners(configuration.listen)
        if let overlay {
            bus.listeners.append(
                .laterAddress(overlay.address.description, port: RMBServer.Configuration.defaultPort))
        }
        var services = RMBServer.Services(
            identity: RMBIdentity(twin: twin, key: identity.keys), keys: keys,
            addresses: try ZosNode.twinAddresses(configuration, keys), router: router,
            replayGuard: try ReplayGuard(path: folders.replayGuard), log: log)
        services.senders = messages.senders
        services.desk = messages.desk
        server = RMBServer(configuration: bus, services: services)
        addresses = try await server.listen()
        log.notice(
            "node ready",
            metadata: [
                "node": "\(id)", "twin": "\(twin)", "network": "\(configuration.network.rawValue)",
                "addresses": "\(addresses.map(\.description).joined(separator: " "))",
            ])
    }

    /// Works until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ledger.run() }
            group.addTask { await self.chain.run() }
            group.addTask { await self.host.run() }
            group.addTask { await self.brokers.runTimers(on: self.host) }
            group.addTask {
                await self.host.start()
                await withDiscardingTaskGroup { work in
                    work.addTask { await self.engine.run() }
                    work.addTask { await self.watcher.run() }
                    work.addTask { await self.reporter.run(active: await self.engine.capacities()) }
                    work.addTask { await self.tick() }
                }
            }
            group.addTask { await self.server.run() }
            group.addTask { await self.messages.run() }
            group.addTask { await self.control.run() }
            group.addTask { await self.metrics?.run() }
            group.addTask { await self.overlay?.run() }
            group.addTask { await self.board.run() }
        }
        await host.stop()
        if let trace { PluginTrace.report(trace, log: log) }
        await ControlGroups.removeEmpty(group)
        log.notice("node stopped, workloads go on")
    }

    private func tick() async {
        while !Task.isCancelled {
            await engine.tick()
            try? await Task.sleep(for: .seconds(1))  // Cancellation shows in the loop's condition.
        }
    }

    private static func listeners(_ texts: [String]) throws(NodeError) -> [RMBServer.Configuration.Listener] {
        var listeners: [RMBServer.Configuration.Listener] = []
        for text in texts {
            let address = try peer(text, "listen")
            listeners.append(.address(address.host, port: address.port))
        }
        return listeners
    }

    private static func twinAddresses(
        _ configuration: NodeConfiguration, _ keys: any TwinKeys
    ) throws(NodeError) -> any TwinAddresses {
        let configured = FixedTwinAddresses(try peers(configuration.peers))
        return configuration.overlay == nil ? configured : OverlayTwins(configured: configured, keys: keys)
    }

    private static func peers(_ texts: [UInt32: String]) throws(NodeError) -> [UInt32: PeerAddress] {
        var peers: [UInt32: PeerAddress] = [:]
        for (twin, text) in texts { peers[twin] = try peer(text, "peers") }
        return peers
    }

    private static func peer(_ text: String, _ member: String) throws(NodeError) -> PeerAddress {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw NodeError(
                .badConfiguration, "'\(text)' in '\(member)' is no address with a port",
                hint: "write ip:port, [ip]:port for IPv6")
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return PeerAddress(host: host, port: Int(port))
    }
}
