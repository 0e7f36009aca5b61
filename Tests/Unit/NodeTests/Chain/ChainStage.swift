import Contracts
import Deployments
import Foundation
import JSON
import Logging
import Signatures
import Testing

@testable import Node
@testable import Provisioning

/// A node's engine and watcher on a ledger that can fail: farmer and node are twin 1, the user twin 2, the node 1 in farm 1.
struct ChainStage: Sendable {
    static let node: UInt32 = 1
    static let twin: UInt32 = 2

    let folder: String
    let embedded: EmbeddedLedger
    let ledger: FaultyLedger
    let host = StageHost()
    let nodeKey = KeyPair.generate(scheme: .ed25519)
    let user = KeyPair.generate(scheme: .ed25519)
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func with(_ body: (ChainStage) async throws -> Void) async throws {
        let stage = try ChainStage()
        defer { try? FileManager.default.removeItem(atPath: stage.folder) }
        try await body(stage)
    }

    private init() throws {
        folder = "/tmp/zc-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var settings = LedgerSettings()
        settings.production = .onDemand
        let hardware = Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)
        embedded = try EmbeddedLedger(
            path: folder + "/ledger.db",
            genesis: LedgerGenesis(
                settings: settings, twins: [nodeKey, user].map { .init(AccountID($0.publicKey)) },
                farms: [.init(twin: 1, name: "farm", ips: [])],
                nodes: [.init(twin: 1, registration: NodeRegistration(farm: 1, resources: hardware))]))
        ledger = FaultyLedger(embedded)
    }

    /// What works while a test looks.
    struct Running: Sendable {
        let engine: Engine
        let store: DeploymentStore
        let keys: LedgerTwinKeys
    }

    /// Runs an engine and its watcher until `body` is done; the store stays for another.
    ///
    /// - Parameters:
    ///   - other: another way to the same ledger.
    ///   - patience: how long a late contract is waited for.
    ///   - limit: how long one question to the ledger may take.
    func running(
        on other: (any Ledger)? = nil, patience: Duration = .zero, limit: Duration = .seconds(30), boot: Int64? = nil,
        _ body: (Running) async throws -> Void
    ) async throws {
        let store = try DeploymentStore(path: folder + "/node.db")
        let ledger = other ?? ledger
        let checks = AcceptanceChecks(ledger: ledger, node: Self.node, patience: patience, limit: limit)
        let engine = Engine(
            store: store, host: host, gate: LedgerGate(checks: checks),
            settings: EngineSettings(
                node: Self.node, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 }, now: { 0 },
                typeOrder: [], boot: boot, reinstallPause: .milliseconds(5)), log: log)
        try await engine.load()
        let watcher = ContractWatcher(
            ledger: ledger, engine: engine, store: store, node: Self.node, farm: 1, now: { 0 },
            pause: { try await Task.sleep(for: .milliseconds(5)) }, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            group.addTask { await watcher.run() }
            defer {
                group.cancelAll()
                for operation in ["validate", "provision", "pause", "resume", "deprovision"] {
                    host.release(operation)
                }
            }
            try await body(Running(engine: engine, store: store, keys: LedgerTwinKeys(ledger: embedded)))
        }
    }

    /// A signed deployment of one workload `a`; its contract is made too unless there is one already.
    func deployment(_ text: String, contract: UInt64? = nil, version: UInt32 = 0) async throws -> Deployment {
        var deployment = Deployment(
            version: version, twin: Self.twin, signatureRequirement: .owner(Self.twin),
            workloads: [Workload(version: version, name: "a", type: "plain", data: RawJSON(["text": .string(text)]))])
        let challenge = try deployment.challenge()
        deployment.contract = if let contract { contract } else { try await makeContract(challenge.hex) }
        deployment.signatureRequirement.sign(hash: challenge.hash, as: Self.twin, with: user)
        return deployment
    }

    private func makeContract(_ hash: String) async throws -> UInt64 {
        let call = LedgerCall.createNodeContract(
            node: Self.node, hash: try #require(ContractHash(text: hash)), data: HexBytes([]), publicIPs: 0,
            solutionProvider: nil)
        return try #require(try await embedded.submit(call, by: user).contract).id
    }

    func cancel(_ contract: UInt64) async throws {
        _ = try await embedded.submit(.cancelContract(contract: contract), by: user)
    }

    func tick(_ blocks: Int = 1) async throws { for _ in 0..<blocks { try await embedded.administrate(.tick) } }

    func deploy(_ deployment: Deployment, on running: Running) async throws {
        try await running.engine.deploy(Array(deployment.json.utf8), caller: Self.twin, keys: running.keys)
    }

    /// The state of workload `a`; nil if there is no such deployment.
    func state(_ contract: UInt64, on running: Running) async -> String? {
        guard let text = try? await running.engine.get(contract: contract, caller: Self.twin) else { return nil }
        let workload = (try? JSONValue(parsing: text))?["workloads"]?[0]
        return workload?["result"]?["state"]?.stringValue
    }

    /// Waits until the watcher has handled everything that is final.
    func caughtUp(_ running: Running) async throws {
        let head = try await embedded.head(.best).number
        // A block with a twin's event is noted at once.
        _ = try await embedded.submit(.updateTwin(relay: nil, pk: nil), by: user)
        try await eventually("the watcher has reached block \(head)") {
            try await running.store.mark("ledger_block").map { $0 > Int64(head) } ?? false
        }
    }
}

/// Looks again and again until something is so.
func eventually(
    _ what: String, within patience: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + patience
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NotWithinTime(description: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NotWithinTime: Error, CustomStringConvertible { let description: String }
