import Contracts
import Foundation
import Logging
import Signatures
import Synchronization
import Testing

@testable import Node

@Suite("Registration")
struct RegistrarTests {
    private static let relays = ["relay.example"]

    /// A ledger with a farmer (twin 1) and his farm, a node that nobody knows, and a folder.
    private final class Ground: Sendable {
        let folder: String
        let embedded: EmbeddedLedger
        let ledger: FaultyLedger
        let key = KeyPair.generate(scheme: .ed25519)
        let wanted = Mutex(Ground.first)
        let pauses = Mutex(0)

        static let first = WantedRegistration(
            relays: RegistrarTests.relays, encryptionKey: HexBytes([2, 3]),
            node: NodeRegistration(farm: 1, resources: Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)),
            isFarmGiven: true, farmName: nil, leastBalance: 10_000)

        init(genesis: LedgerGenesis? = nil, balance: UInt64 = 1_000_000) throws {
            folder = "/tmp/zr-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var settings = LedgerSettings()
            settings.production = .onDemand
            settings.requiresTerms = true
            let farmer = AccountID(KeyPair.generate(scheme: .sr25519).publicKey)
            let plain = LedgerGenesis(
                settings: settings,
                accounts: [.init(farmer), .init(AccountID(key.publicKey), balance: balance, acceptedTerms: false)],
                twins: [.init(farmer)], farms: [.init(twin: 1, name: "farm")])
            embedded = try EmbeddedLedger(path: folder + "/ledger.db", genesis: genesis ?? plain)
            ledger = FaultyLedger(embedded)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var path: String { folder + "/registration.json" }

        func registrar(
            activation: any AccountActivation = NoActivation(),
            onPause: @escaping @Sendable (Duration) async throws -> Void = { _ in }
        ) -> Registrar {
            Registrar(
                ledger: ledger, key: key, path: path, activation: activation,
                pause: { duration in
                    self.pauses.withLock { $0 += 1 }
                    try Task.checkCancellation()
                    // Nothing waits here, so a fault in a test would otherwise go on for ever.
                    if self.pauses.withLock({ $0 }) > 1_000_000 { throw NotWithinTime(description: "too many pauses") }
                    try await onPause(duration)
                }, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { self.wanted.withLock { $0 } }
        }

        var calls: [String] { ledger.count.calls.map(\.name) }
    }

    @Test("a node that finds itself unknown registers itself, once, and keeps its ids")
    func first() async throws {
        let ground = try Ground()
        let record = try await ground.registrar().start()
        #expect(ground.calls == ["user_accept_tc", "create_twin", "create_node"])
        #expect(record.twin == 2 && record.node == 1 && record.farm == 1)
        let twin = try #require(try await ground.embedded.twin(2, at: .best))
        #expect(twin.relay == "relay.example" && twin.pk == HexBytes([2, 3]))
        #expect(try RegistrationRecord.read(ground.path) == record)
        #expect(try await ground.registrar().start() == record)
        #expect(ground.calls.count == 3)
    }

    @Test("a registered node starts without the ledger")
    func away() async throws {
        let ground = try Ground()
        let record = try await ground.registrar().start()
        ground.ledger.change { $0.isAway = true }
        #expect(try await ground.registrar().start() == record)
    }

    @Test("an unregistered node waits for the ledger")
    func waits() async throws {
        let ground = try Ground()
        ground.ledger.change { $0.isAway = true }
        let registrar = ground.registrar { _ in
            if ground.pauses.withLock({ $0 }) == 3 { ground.ledger.change { $0.isAway = false } }
        }
        #expect(try await registrar.start().node == 1)
        #expect(ground.pauses.withLock { $0 } == 3)
    }

    @Test("a call whose answer is lost is not made twice: what it did is found")
    func lostAnswer() async throws {
        let ground = try Ground()
        ground.ledger.change { $0.losesAnswer = true }
        #expect(try await ground.registrar().start().twin == 2)
        #expect(ground.calls == ["user_accept_tc", "create_twin", "create_node"])
        let other = try Ground()
        other.ledger.change { $0.failures = [.failed(error: LedgerError(.grid, "TwinWithPubkeyExists"), block: 1)] }
        #expect(try await other.registrar().start().twin == 2)
    }

    @Test("without funds the activation service is asked, and nothing is signed until they are there")
    func funds() async throws {
        final class Counting: AccountActivation {
            let asked = Mutex(0)
            func activate(_ account: AccountID) async throws { asked.withLock { $0 += 1 } }
        }
        let ground = try Ground(balance: 10_000)
        let service = Counting()
        let registrar = ground.registrar(activation: service) { _ in
            #expect(ground.calls.isEmpty)
            if ground.pauses.withLock({ $0 }) == 2 { ground.wanted.withLock { $0.leastBalance = 9_999 } }
        }
        #expect(try await registrar.start().node == 1)
        #expect(service.asked.withLock { $0 } == 2)
    }

    @Test("what differs is mended: a new address, another relay, a power state that is wrong")
    func mending() async throws {
        let ground = try Ground()
        let registrar = ground.registrar { _ in try await Task.sleep(for: .milliseconds(1)) }
        _ = try await registrar.start()
        _ = try await ground.embedded.submit(.changePowerState(isUp: false), by: ground.key)
        ground.wanted.withLock { wanted in
            wanted.relays = ["other.example"]
            wanted.node.interfaces = [Interface(name: "eth0", mac: "02:00:00:00:00:01", ips: ["198.51.100.7"])]
        }
        let running = Task { await registrar.run() }
        defer { running.cancel() }
        try await eventually("the ledger knows") {
            let twin = try await ground.embedded.twin(2, at: .best)
            let node = try await ground.embedded.node(1, at: .best)
            let power = try await ground.embedded.power(ofNode: 1, at: .best)
            return twin?.relay == "other.example" && node?.registration.interfaces.count == 1 && power.isUp
        }
        // When addresses change again, it does not wait for the next day.
        ground.wanted.withLock { $0.node.interfaces = [] }
        try await eventually("the ledger knows") {
            try await ground.embedded.node(1, at: .best)?.registration.interfaces.isEmpty ?? false
        }
        running.cancel()
        await running.value
    }

    @Test("ids of another ledger are refused with both ledgers named")
    func otherLedger() async throws {
        let ground = try Ground()
        _ = try await ground.registrar().start()
        let other = try Ground()
        try FileManager.default.copyItem(atPath: ground.path, toPath: other.path)
        let error = await #expect(throws: NodeError.self) { try await other.registrar().start() }
        #expect(error?.code == .registration)
        #expect(error?.message.contains(try await ground.embedded.genesisHash().text) == true)
        #expect(other.calls.isEmpty)
    }

    @Test("a farm that does not exist ends the start with the way out")
    func noFarm() async throws {
        let ground = try Ground()
        ground.wanted.withLock { $0.node.farm = 3 }
        let error = await #expect(throws: NodeError.self) { try await ground.registrar().start() }
        #expect(error?.code == .registration && error?.message == "there is no farm 3 on the ledger")
    }

    @Test("on an empty ledger of its own a node makes everything that it needs")
    func empty() async throws {
        var settings = LedgerSettings()
        settings.production = .onDemand
        let ground = try Ground(genesis: LedgerGenesis(settings: settings))
        ground.wanted.withLock { ($0.farmName, $0.leastBalance) = ("local", nil) }
        let record = try await ground.registrar().start()
        #expect(record.twin == 1 && record.node == 1 && record.farm == 1)
        #expect(ground.calls == ["create_twin", "create_farm", "create_node"])
    }

    @Test("a damaged or newer record is refused and named", arguments: ["{", "{}", #"{"version": 2}"#])
    func damaged(text: String) throws {
        let ground = try Ground()
        try SecretFile.write(text, to: ground.path)
        let error = #expect(throws: NodeError.self) { try RegistrationRecord.read(ground.path) }
        #expect(error?.message.contains(ground.path) == true)
    }
}
