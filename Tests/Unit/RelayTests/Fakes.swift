import Contracts
import Logging
import RMB
import Signatures
import Synchronization
import Testing

@testable import Relay

/// Twins of one test, with their keys.
final class FakeTwins: TwinSource {
    private struct State {
        var twins: [UInt32: Twin] = [:]
        var outage: LedgerUnavailable?
        var reads = 0
    }

    private let state = Mutex(State())

    /// A new twin with a key of its own.
    @discardableResult
    func add(_ id: UInt32, relay: String? = "here.test", scheme: KeyScheme = .ed25519) -> KeyPair {
        let key = KeyPair.generate(scheme: scheme)
        state.withLock { $0.twins[id] = Twin(id: id, account: AccountID(key.publicKey), relay: relay) }
        return key
    }

    func add(_ twin: Twin) { state.withLock { $0.twins[twin.id] = twin } }

    func fail(_ outage: LedgerUnavailable?) { state.withLock { $0.outage = outage } }

    func twin(_ id: UInt32) async throws(LedgerUnavailable) -> Twin? {
        let (twin, outage) = state.withLock { ($0.twins[id], $0.outage) }
        if let outage { throw outage }
        return twin
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let seconds: Mutex<Int64>

    init(_ seconds: Int64 = 1_700_000_000) { self.seconds = Mutex(seconds) }

    var now: UnixTime { UnixTime(seconds: seconds.withLock { $0 }) }
    func advance(_ number: Int64) { seconds.withLock { $0 += number } }
}

/// Other relays that answer as a test says.
final class FakeTransport: RelayTransport {
    private let answers = Mutex<[String: [RemoteAnswer]]>([:])
    private let sent = Mutex<[(host: String, bytes: [UInt8])]>([])

    /// What a relay answers, one after the other; the last one for ever.
    func answer(_ host: String, _ list: RemoteAnswer...) { answers.withLock { $0[host] = list } }

    var posts: [(host: String, bytes: [UInt8])] { sent.withLock { $0 } }

    func post(_ envelope: [UInt8], to relay: RemoteRelays.Place) async -> RemoteAnswer {
        sent.withLock { $0.append((relay.host, envelope)) }
        return answers.withLock { answers in
            guard let next = answers[relay.host]?.first else { return .failed("nobody there") }
            if answers[relay.host]?.count ?? 0 > 1 { answers[relay.host]?.removeFirst() }
            return next
        }
    }
}

extension RelayEnvelope {
    /// An unsigned request: relays do not look at signatures.
    static func request(
        from source: RelayAddress?, to destination: RelayAddress?, uid: String = "u", tags: String? = nil,
        at now: UnixTime, seconds: UInt64 = 60, payload: [UInt8] = [1]
    ) -> RelayEnvelope {
        var envelope = RelayEnvelope()
        envelope.uid = uid
        envelope.tags = tags
        envelope.lifetime = EnvelopeLifetime(
            timestamp: UInt64(clamping: now.seconds), expiration: seconds)
        envelope.source = source
        envelope.destination = destination
        envelope.message = .request(command: "echo")
        envelope.payload = .plain(payload)
        return envelope
    }
}

/// Asks again until the condition holds; fails after half a minute.
func eventually(
    _ what: Comment, _ location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: location)
        try await Task.sleep(for: .milliseconds(2))
    }
}
