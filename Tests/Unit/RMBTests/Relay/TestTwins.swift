import Signatures
import Synchronization
import Testing

@testable import RMB

/// The twins of one test, with their secrets.
final class TestTwins: TwinDirectory {
    struct Twin: Sendable {
        let id: UInt32
        let key: KeyPair
        let encryption: EndToEndKey

        var identity: RMBIdentity { RMBIdentity(twin: id, key: key) }
    }

    struct State {
        var records: [UInt32: TwinRecord] = [:]
        var outage: String?
        var asked = 0
    }

    let state = Mutex(State())

    /// - Parameter isEncrypted: whether the ledger has the twin's `pk`.
    func make(_ id: UInt32, scheme: KeyScheme = .ed25519, isEncrypted: Bool = true) throws -> Twin {
        let seed = Seed.random()
        let twin = Twin(id: id, key: KeyPair(seed: seed, scheme: scheme), encryption: try EndToEndKey(seed: seed))
        let record = TwinRecord(
            key: twin.key.publicKey, relay: "relay.example.test",
            encryptionKey: isEncrypted ? twin.encryption.publicKey : nil)
        state.withLock { $0.records[id] = record }
        return twin
    }

    func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
        state.withLock { state in
            state.asked += 1
            if let outage = state.outage { return .unavailable(outage) }
            return state.records[twin].map(TwinLookup.found) ?? .absent
        }
    }
}

/// One twin's verifier at a fixed time, and envelopes for it: the rules without any I/O.
struct TestVerifier {
    static let now = UnixTime(seconds: 1_795_403_087)

    let twins = TestTwins()
    let own: TestTwins.Twin
    let peer: TestTwins.Twin
    let stranger: TestTwins.Twin
    let verifier: EnvelopeVerifier
    let pending = PendingCalls()
    let clock = TestClock()

    final class TestClock: Sendable {
        let time = Mutex(TestVerifier.now)
    }

    init(
        session: String? = nil, policy: EnvelopeVerifier.Policy = .init(), takesEncrypted: Bool = true,
        limits: TwinLimits? = nil
    ) throws {
        own = try twins.make(2)
        peer = try twins.make(7, scheme: .sr25519)
        stranger = try twins.make(8)
        let clock = clock
        let directory = CachedTwinDirectory(twins, clock: { clock.time.withLock { $0 } })
        verifier = EnvelopeVerifier(
            own: RelayAddress(twin: own.id, session: session), senders: SenderCheck(keys: directory),
            directory: directory, keys: takesEncrypted ? SharedKeys(own: own.encryption) : nil,
            replayGuard: try ReplayGuard(volatileCapacity: 64), limits: limits, policy: policy,
            clock: { clock.time.withLock { $0 } }
        ) { [pending] uid, twin in pending.awaits(uid, from: twin) }
    }

    /// A request that is in order in every way; change it before it is signed.
    func envelope(
        _ message: RelayEnvelope.Message = .request(command: "echo.say"), from sender: TestTwins.Twin? = nil,
        isSigned: Bool = true, _ change: (inout RelayEnvelope) -> Void = { _ in }
    ) -> RelayEnvelope {
        var envelope = RelayEnvelope()
        envelope.uid = UUIDText.random()
        envelope.lifetime = EnvelopeLifetime(sentAt: Self.now)
        envelope.source = RelayAddress(twin: (sender ?? peer).id)
        envelope.destination = RelayAddress(twin: own.id)
        envelope.message = message
        envelope.schema = RelayEnvelope.jsonSchema
        envelope.payload = .plain(Array("1".utf8))
        change(&envelope)
        if isSigned { envelope.sign(with: (sender ?? peer).key) }
        return envelope
    }

    /// Expects that the envelope is refused, for that reason, and answered with that code.
    func refuses(
        _ envelope: RelayEnvelope, _ reason: EnvelopeRefusal.Reason, code: UInt32? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do throws(EnvelopeRefusal) {
            let admitted = try await verifier.admit(envelope)
            Issue.record("admitted: \(admitted)", sourceLocation: sourceLocation)
        } catch {
            #expect(error.reason == reason, "\(error)", sourceLocation: sourceLocation)
            #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        }
    }

    /// Expects that the envelope is taken in as a request.
    func admits(
        _ envelope: RelayEnvelope, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> AdmittedRequest {
        guard case .request(let request) = try await verifier.admit(envelope) else {
            throw RMBError(.malformed, "no request")
        }
        return request
    }

    /// Makes the verifier wait for an answer of the twin.
    func await(_ uid: String, from twin: UInt32) throws { _ = try pending.open(uid, to: twin) }
}

/// A clock that a test moves.
final class SharedTime: Sendable {
    private let time = Mutex(UnixTime.now())
    var now: UnixTime { time.withLock { $0 } }
    func pass(_ seconds: Int64) { time.withLock { $0 = UnixTime(seconds: $0.seconds + seconds) } }
}
