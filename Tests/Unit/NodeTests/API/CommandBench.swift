import Contracts
import Deployments
import Foundation
import JSON
import Logging
import Provisioning
import RMB
import Signatures

@testable import Node
@testable import RMB

/// The commands of a node, its ledger and engine, and twins of each kind; no plugins run and nothing listens.
struct CommandBench: Sendable {
    /// Who calls.
    enum Twin: UInt32, CaseIterable, Sendable {
        case farmer = 2
        case owner = 3
        case admin = 4
        case other = 5
    }

    let router = Router()
    let contract: UInt64
    let folder: String
    let api: NodeAPI
    private let engine: Engine
    private let keys: [KeyPair]

    static func with(_ body: (CommandBench) async throws -> Void) async throws {
        let folder = "/tmp/zn-api-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder + "/pools/main", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = try await CommandBench(folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.engine.run() }
            try await bench.settle()
            try await body(bench)
            group.cancelAll()
        }
    }

    private init(_ folder: String) async throws {
        self.folder = folder
        keys = (0..<5).map { _ in KeyPair.generate(scheme: .ed25519) }
        let ledger = try EmbeddedLedger(path: folder + "/ledger.db", genesis: Self.genesis(keys))
        var configuration = NodeConfiguration()
        configuration.folders = StateFolder(state: folder, run: folder + "/run")
        configuration.administrators = [Twin.admin.rawValue]
        configuration.publicConfiguration = ["ipv4": "198.51.100.2/24", "gw4": "198.51.100.1"]
        configuration.location = NodeLocation(
            try JSONValue(parsing: #"{"longitude":4.35,"latitude":50.85,"country_name":"Belgium"}"#))
        configuration.exits = ["public": ["bridge": "br-none"]]
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plugins = try CommandPlugins()
        engine = Engine(
            store: try DeploymentStore(path: folder + "/node.db"), host: plugins,
            gate: LedgerGate(checks: AcceptanceChecks(ledger: ledger, node: 1, patience: .seconds(20))),
            settings: EngineSettings(
                node: 1, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 }, now: { 1000 }, typeOrder: []),
            log: log)
        let machine = MachineFigures()
        let tasks = NodeAPI.tasks(configuration, farm: 1, engine: engine, ledger: ledger, machine: machine)
        let board = PerformanceBoard(tasks, path: folder + "/performance.json", first: 600, now: { 1000 }, log: log)
        if let check = tasks.first(where: { $0.name == "healthcheck" }) { await board.perform(check) }
        api = NodeAPI(
            configuration: configuration, engine: engine, host: plugins, ledger: ledger,
            keys: LedgerTwinKeys(ledger: ledger),
            access: CallerAccess(ledger: ledger, farm: 1, administrators: configuration.administrators),
            machine: machine, metrics: NodeMetrics(plugins: { [] }, engine: engine, started: .now, relayed: nil),
            board: board,
            files: HostFiles(), holders: { _ in [:] }, registered: { .null })
        _ = api.register(on: router)
        contract = try await Self.deploy(engine, ledger, keys[2])
    }

    /// Waits until the workload runs.
    private func settle() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while await !engine.isIdle, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    }

    func ask(_ command: String, _ payload: JSONValue, as caller: Twin) async throws -> JSONValue {
        try await ask(command, Array(payload.text.utf8), as: caller)
    }

    func ask(_ command: String, _ payload: [UInt8], as caller: Twin) async throws -> JSONValue {
        guard let name = CommandName(command) else { throw CallError("no command name") }
        return try await router.answer(
            RMBRequest(caller: try await verified(caller), command: name, payload: payload))
    }

    /// Only a message that passed the door makes a caller.
    private func verified(_ caller: Twin) async throws -> VerifiedTwin {
        var message = RMBMessage()
        message.uid = "1.1"
        message.command = "a.b"
        message.source = Int64(caller.rawValue)
        message.destinations = [1]
        message.sign(with: keys[Int(caller.rawValue) - 1], at: UnixTime.now())
        let verifier = MessageVerifier(keys: api.keys, rules: EnvelopeRules(ownTwin: 1) { _ in true })
        return try await verifier.verify(message, door: .request).sender
    }

    private static func genesis(_ keys: [KeyPair]) -> LedgerGenesis {
        var settings = LedgerSettings()
        settings.production = .onDemand
        return LedgerGenesis(
            settings: settings, twins: keys.map { .init(AccountID($0.publicKey)) },
            farms: [
                .init(
                    twin: Twin.farmer.rawValue, name: "farm",
                    ips: [PublicIP(ip: "198.51.100.10/24", gateway: "198.51.100.1")])
            ],
            nodes: [
                .init(
                    twin: 1,
                    registration: NodeRegistration(farm: 1, resources: Resources(sru: 1 << 40, cru: 4, mru: 8 << 30)))
            ])
    }

    /// A running workload `a` of type `plain` that belongs to the owner.
    private static func deploy(_ engine: Engine, _ ledger: EmbeddedLedger, _ key: KeyPair) async throws -> UInt64 {
        let twin = Twin.owner.rawValue
        var deployment = Deployment(
            twin: twin, signatureRequirement: .owner(twin),
            workloads: [Workload(name: "a", type: "plain", data: RawJSON(["text": "x"]))])
        let challenge = try deployment.challenge()
        guard let hash = ContractHash(text: challenge.hex) else { throw CallError("no hash") }
        let call = LedgerCall.createNodeContract(
            node: 1, hash: hash, data: HexBytes([]), publicIPs: 0, solutionProvider: nil)
        deployment.contract = try await ledger.submit(call, by: key).contract?.id ?? 0
        deployment.signatureRequirement.sign(hash: challenge.hash, as: twin, with: key)
        try await engine.load()
        try await engine.deploy(Array(deployment.json.utf8), caller: twin, keys: LedgerTwinKeys(ledger: ledger))
        return deployment.contract
    }
}
