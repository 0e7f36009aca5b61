import Contracts
import Deployments
import Foundation
import JSON
import Logging
import Provisioning
import Signatures
import Testing

@testable import Node

/// The ledger is in another process, behind its socket, and goes away and comes back.
@Suite("A ledger that is gone for a while")
struct LedgerOutageTests {
    private static let node: UInt32 = 1
    private static let twin: UInt32 = 2

    private let folder = "/tmp/zn-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    private let user = KeyPair.generate(scheme: .ed25519)
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(
        "requests get a clear error that says to try again, nothing is rejected or removed, and work goes on afterwards"
    )
    func outage() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let embedded = try EmbeddedLedger(path: folder + "/ledger.db", genesis: genesis())
        let remote = RemoteLedger(path: folder + "/l")
        let store = try DeploymentStore(path: folder + "/node.db")
        let engine = Engine(
            store: store, host: PlainHost(),
            gate: LedgerGate(checks: AcceptanceChecks(ledger: remote, node: Self.node, patience: .zero)),
            settings: EngineSettings(
                node: Self.node, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 }, now: { 0 },
                typeOrder: []), log: log)
        try await engine.load()
        let watcher = ContractWatcher(
            ledger: remote, engine: engine, store: store, node: Self.node, farm: 1, now: { 0 }, log: log)
        let keys = LedgerTwinKeys(ledger: remote)
        let first = try await deployment("first", embedded)
        let second = try await deployment("second", embedded)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            group.addTask { await watcher.run() }
            defer { group.cancelAll() }
            try await serving(embedded) {
                try await engine.deploy(Array(first.json.utf8), caller: Self.twin, keys: keys)
            }
            // Away: what is asked for cannot be judged, and what happens there is not seen.
            let refusal = await #expect(throws: Refusal.self) {
                try await engine.deploy(Array(second.json.utf8), caller: Self.twin, keys: keys)
            }
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message.hasPrefix("failed to get deployment contract: ") == true, "\(refusal as Any)")
            _ = try await embedded.submit(.cancelContract(contract: first.contract), by: user)
            #expect(await engine.contracts() == [first.contract])
            let stranger = await #expect(throws: Refusal.self) {
                let unknown = LedgerTwinKeys(ledger: remote)
                try await engine.deploy(Array(second.json.utf8), caller: Self.twin, keys: unknown)
            }
            #expect(stranger?.code == .unavailable, "a key that cannot be read is not a wrong signature")

            try await serving(embedded) {
                try await engine.deploy(Array(second.json.utf8), caller: Self.twin, keys: keys)
                let end = ContinuousClock.now + .seconds(30)
                while await engine.contracts() != [second.contract], ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(await engine.contracts() == [second.contract], "the cancel was seen late, not never")
            }
        }
    }

    private func genesis() throws -> LedgerGenesis {
        var settings = LedgerSettings()
        settings.production = .onDemand
        let hardware = Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)
        let accounts = [KeyPair.generate(scheme: .ed25519), user]
        return LedgerGenesis(
            settings: settings, twins: accounts.map { .init(AccountID($0.publicKey)) },
            farms: [.init(twin: 1, name: "farm", ips: [])],
            nodes: [.init(twin: 1, registration: NodeRegistration(farm: 1, resources: hardware))])
    }

    /// A signed deployment with its contract.
    private func deployment(_ text: String, _ ledger: EmbeddedLedger) async throws -> Deployment {
        var deployment = Deployment(
            twin: Self.twin, signatureRequirement: .owner(Self.twin),
            workloads: [Workload(name: "a", type: "plain", data: RawJSON(["text": .string(text)]))])
        let challenge = try deployment.challenge()
        let hash = try #require(ContractHash(text: challenge.hex))
        let call = LedgerCall.createNodeContract(
            node: Self.node, hash: hash, data: HexBytes([]), publicIPs: 0, solutionProvider: nil)
        deployment.contract = try #require(try await ledger.submit(call, by: user).contract).id
        deployment.signatureRequirement.sign(hash: challenge.hash, as: Self.twin, with: user)
        return deployment
    }

    private func serving(_ ledger: EmbeddedLedger, _ body: () async throws -> Void) async throws {
        let server = try LedgerSocketServer(ledger: ledger, path: folder + "/l", logger: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
