import Contracts
import Deployments
import Foundation
import JSON
import Logging
import Provisioning
import Signatures
import Synchronization
import TestLedger
import Testing

@testable import Node

/// What a node did, line by line.
final class TraceLog: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func append(_ line: String) { state.withLock { $0.append(line) } }
}

/// A node's engine and watcher on a ledger of the shared fixture, whose requests and operations are noted.
struct TracedNode: Sendable {
    private let fixture: LedgerFixture
    private let trace: TraceLog
    private let host = StageHost()
    private let engine: Engine
    private let watcher: ContractWatcher
    private let keys: LedgerTwinKeys

    init(_ fixture: LedgerFixture, trace: TraceLog) throws {
        self.fixture = fixture
        self.trace = trace
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try DeploymentStore(path: fixture.folder.path + "/node.db")
        let checks = AcceptanceChecks(ledger: fixture.ledger, node: 1, patience: .zero)
        engine = Engine(
            store: store, host: host, gate: LedgerGate(checks: checks),
            settings: EngineSettings(
                node: 1, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 }, now: { 0 }, typeOrder: []),
            log: log)
        watcher = ContractWatcher(
            ledger: fixture.ledger, engine: engine, store: store, node: 1, farm: 1, now: { 0 },
            pause: { try await Task.sleep(for: .milliseconds(5)) }, log: log)
        keys = LedgerTwinKeys(ledger: fixture.ledger)
    }

    func running(_ body: (TracedNode) async throws -> Void) async throws {
        try await engine.load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            group.addTask { await watcher.run() }
            defer { group.cancelAll() }
            try await body(self)
        }
    }

    /// A deployment of the user's, of one workload `a`, signed.
    func deployment(_ text: String, contract: UInt64, version: UInt32 = 0) throws -> Deployment {
        var deployment = Deployment(
            version: version, twin: 3, signatureRequirement: .owner(3),
            workloads: [Workload(version: version, name: "a", type: "plain", data: RawJSON(["text": .string(text)]))])
        deployment.contract = contract
        deployment.signatureRequirement.sign(hash: try deployment.challenge().hash, as: 3, with: fixture.user)
        return deployment
    }

    /// The same with a contract that somebody made for it.
    func contracted(_ text: String, by key: KeyPair, node: UInt32 = 1) async throws -> Deployment {
        let hash = try #require(ContractHash(text: try deployment(text, contract: 0).challenge().hex))
        return try deployment(text, contract: try await fixture.contract(hash, node: node, by: key).id)
    }

    func deploy(_ deployment: Deployment) async throws {
        try await note { try await engine.deploy(Array(deployment.json.utf8), caller: 3, keys: keys) }
    }

    func update(_ deployment: Deployment) async throws {
        try await note { try await engine.update(Array(deployment.json.utf8), caller: 3, keys: keys) }
    }

    /// Waits until an operation was done so often, and notes it. Checks of plugins are of no interest here.
    func settled(_ operation: String, _ count: Int) async throws {
        try await eventually("\(operation) \(count)") {
            host.calls.count { $0 == "\(operation) a" } >= count
        }
        noteOperations()
    }

    func isEmpty() async throws {
        try await eventually("nothing is left") { await engine.contracts().isEmpty }
        noteOperations()
    }

    private func note(_ request: () async throws -> Void) async throws {
        do {
            try await request()
            trace.append("accepted")
        } catch let refusal as Refusal {
            trace.append("refused: \(refusal.code) \(refusal.message)")
        }
    }

    private func noteOperations() {
        let known = trace.lines.count { !$0.hasPrefix("accepted") && !$0.hasPrefix("refused") }
        for call in host.calls.filter({ !$0.hasPrefix("validate") }).dropFirst(known) {
            trace.append(call.replacing(" ", with: ": "))
        }
    }
}
