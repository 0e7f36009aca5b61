import Contracts
import Hosting
import Signatures
import TestChain
import TestLedger
import Testing

@testable import Node
@testable import Provisioning

/// docs/spec/ledger.md section 10, case 12.
@Suite("A node on each provider of its ledger")
struct ProvidersTests {
    @Test(
        "leaves the same trace: registered, refused, accepted, reported, paused, resumed, removed", arguments: Face.all)
    func trace(face: Face) async throws {
        try await ChainStage.with { stage in
            let folder = try Folder()
            try await face.open(stage.embedded, folder) { view in
                try await register(on: view.ledger, stage)
                try await live(on: view.ledger, stage)
            }
        }
    }

    /// A second node, which nobody knows, in the farm of the first.
    private func register(on ledger: any Ledger, _ stage: ChainStage) async throws {
        let key = KeyPair.generate(scheme: .ed25519)
        let wanted = WantedRegistration(
            relays: ["relay.example"], encryptionKey: HexBytes([UInt8](repeating: 2, count: 33)),
            node: NodeRegistration(
                farm: 1, resources: Resources(sru: 200 << 30, cru: 4, mru: 8 << 30),
                interfaces: [Interface(name: "eth0", mac: "02:00:00:00:00:01", ips: ["198.51.100.7"])]),
            isFarmGiven: true, farmName: nil, leastBalance: nil)
        let registrar = Registrar(
            ledger: ledger, key: key, path: stage.folder + "/second.json", log: stage.log
        ) { wanted }
        let record = try await registrar.start()
        #expect(record.twin == 3 && record.node == 2 && record.farm == 1)
        #expect(record.genesis == (try await stage.embedded.genesisHash()))
        #expect(try await stage.embedded.twin(3, at: .best)?.relay == "relay.example")
        let known = try await KnownRegistration(of: AccountID(key.publicKey), farm: 1, on: ledger)
        guard case .done(3, let node) = RegistrationStep(known, wanted) else {
            Issue.record("what was registered reads back differently: \(known)")
            return
        }
        #expect(node.registration == wanted.node)
    }

    private func live(on ledger: any Ledger, _ stage: ChainStage) async throws {
        let deployment = try await stage.deployment("a")
        let contract = deployment.contract
        try await stage.running(on: ledger) { running in
            let wrong = try await stage.deployment("b", contract: contract)
            let refusal = await #expect(throws: Refusal.self) { try await stage.deploy(wrong, on: running) }
            #expect(refusal?.message == "contract hash does not match deployment hash")
            try await stage.deploy(deployment, on: running)
            try await eventually("it runs") { await stage.state(contract, on: running) == "ok" }
            try await report(contract, on: ledger, stage)
            try await stage.embedded.administrate(.startGrace(contract: contract))
            try await eventually("it is paused") { await stage.state(contract, on: running) == "paused" }
            try await stage.embedded.administrate(.endGrace(contract: contract))
            try await eventually("it runs again") { await stage.state(contract, on: running) == "ok" }
            try await stage.cancel(contract)
            try await eventually("it is gone") { await running.engine.contracts().isEmpty }
            let calls = stage.host.calls.filter { !$0.hasPrefix("validate") }
            #expect(calls == ["provision a", "pause a", "resume a", "deprovision a"])
        }
    }

    private func report(_ contract: UInt64, on ledger: any Ledger, _ stage: ChainStage) async throws {
        let reporter = ResourceReporter(ledger: ledger, key: stage.nodeKey, node: ChainStage.node, log: stage.log)
        let running = Task { await reporter.run(active: [contract: Capacity(cru: 2, mru: 7)]) }
        try await eventually("the ledger knows") {
            try await stage.embedded.resources(ofContract: contract, at: .best) == Resources(cru: 2, mru: 7)
        }
        running.cancel()
        await running.value
    }
}
