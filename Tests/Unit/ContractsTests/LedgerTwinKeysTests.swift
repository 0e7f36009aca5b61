import Logging
import Signatures
import Synchronization
import TestLedger
import Testing

@testable import Contracts

@Suite("Twin keys from the ledger")
struct LedgerTwinKeysTests {
    /// A clock that the test moves.
    private final class Time: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
        func pass(_ duration: Duration) { passed.withLock { $0 += duration } }
    }

    @Test("a key is remembered for an hour, also while the ledger is gone, and asked for anew when it must be current")
    func remembers() async throws {
        let folder = try Folder()
        let embedded = try EmbeddedLedger(
            path: folder.path + "/ledger.db", genesis: LedgerFixture.genesis(LedgerFixture.onDemand))
        let server = try LedgerSocketServer(ledger: embedded, path: folder.path + "/l", logger: Logger(label: "test"))
        let time = Time()
        let keys = LedgerTwinKeys(ledger: RemoteLedger(path: folder.path + "/l")) { time.now }
        let key = KeyLookup.found(try LedgerFixture.key("user").publicKey)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            let first = await keys.publicKey(of: 3, freshness: .remembered)
            #expect(first == key)
            group.cancelAll()
        }
        time.pass(.seconds(3_599))
        #expect(await keys.publicKey(of: 3, freshness: .remembered) == key)
        #expect(Self.isUnavailable(await keys.publicKey(of: 3, freshness: .current)))
        time.pass(.seconds(1))
        #expect(Self.isUnavailable(await keys.publicKey(of: 3, freshness: .remembered)))
    }

    @Test("that there is no such twin is not remembered")
    func absence() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let keys = LedgerTwinKeys(ledger: fixture.ledger)
            #expect(await keys.publicKey(of: 5, freshness: .remembered) == .absent)
            let stranger = try KeyPair(secretURI: "//late", scheme: .ed25519)
            _ = try await fixture.ledger.submit(.createTwin(relay: nil, pk: nil), by: stranger)
            #expect(await keys.publicKey(of: 5, freshness: .remembered) == .found(stranger.publicKey))
        }
    }

    private static func isUnavailable(_ lookup: KeyLookup) -> Bool {
        if case .unavailable = lookup { true } else { false }
    }
}
