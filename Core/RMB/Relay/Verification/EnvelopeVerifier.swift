import Signatures

/// Decides about every envelope that a relay hands us. A relay is never trusted: whatever is not signed by the twin that
/// it names, for us and now, is refused (`docs/spec/rmb-relay.md` section 10).
///
/// What costs nothing is looked at first, then who signed, then whether it is new, then what it says.
public final class EnvelopeVerifier: Sendable {
    /// What the operator may choose.
    public struct Policy: Sendable {
        /// Requests that are not encrypted are refused.
        public var requiresEncryption = false

        public init() {}
    }

    /// Whether we wait for an answer with this id, from this twin; nil stands for any.
    public typealias Awaits = @Sendable (_ uid: String, _ twin: UInt32?) -> Bool

    /// Most bytes of a uid, which answers repeat; peers write UUIDs of 36.
    static let uidLimit = 256

    private let own: RelayAddress
    private let senders: SenderCheck
    private let directory: any TwinDirectory
    private let keys: SharedKeys?
    private let replayGuard: ReplayGuard
    private let limits: TwinLimits?
    private let policy: Policy
    private let awaits: Awaits
    private let clock: WallClock

    /// - Parameters:
    ///   - own: our twin and our session, if we have one.
    ///   - keys: nil if we take no encrypted messages.
    public convenience init(
        own: RelayAddress, senders: SenderCheck, directory: any TwinDirectory, keys: SharedKeys?,
        replayGuard: ReplayGuard, policy: Policy = Policy(), clock: @escaping WallClock = UnixTime.now,
        awaits: @escaping Awaits
    ) {
        self.init(
            own: own, senders: senders, directory: directory, keys: keys, replayGuard: replayGuard, limits: nil,
            policy: policy, clock: clock, awaits: awaits)
    }

    /// - Parameter limits: how many requests each twin may make; nil for any number.
    init(
        own: RelayAddress, senders: SenderCheck, directory: any TwinDirectory, keys: SharedKeys?,
        replayGuard: ReplayGuard, limits: TwinLimits?, policy: Policy = Policy(),
        clock: @escaping WallClock = UnixTime.now,
        awaits: @escaping Awaits
    ) {
        self.own = own
        self.senders = senders
        self.directory = directory
        self.keys = keys
        self.replayGuard = replayGuard
        self.limits = limits
        self.policy = policy
        self.awaits = awaits
        self.clock = clock
    }

    public func admit(_ envelope: RelayEnvelope) async throws(EnvelopeRefusal) -> AdmittedEnvelope {
        guard (1...Self.uidLimit).contains(envelope.uid.utf8.count) else {
            throw EnvelopeRefusal(.malformed, "the envelope has no uid, or one of more than \(Self.uidLimit) bytes")
        }
        guard let source = envelope.source else { return try relayError(envelope) }
        guard source.twin != 0 else { throw EnvelopeRefusal(.noSource, "twin 0 sends no envelopes") }
        guard envelope.destination == own else {
            throw EnvelopeRefusal(.wrongDestination, "the envelope is not for \(own)")
        }
        switch envelope.message {
        case .request(let command):
            return .request(try await request(envelope, command, source))
        case .response:
            let (sender, _) = try await answer(envelope, source)
            guard Self.isJSON(envelope.schema) else {
                throw EnvelopeRefusal(.schema, "the response is no \(RelayEnvelope.jsonSchema)")
            }
            return .answer(uid: envelope.uid, from: sender, .success(try await payload(of: envelope, source.twin)))
        case .error(let code, let text):
            // The payload of an error says nothing.
            return .answer(
                uid: envelope.uid, from: try await answer(envelope, source).sender, .failure(code: code, text: text))
        case .ping, .pong, nil:
            throw EnvelopeRefusal(.kind, "the envelope is neither request nor answer")
        }
    }

    private func relayError(_ envelope: RelayEnvelope) throws(EnvelopeRefusal) -> AdmittedEnvelope {
        guard case .error(_, let text) = envelope.message, awaits(envelope.uid, nil),
            envelope.destination == nil || envelope.destination == own
        else { throw EnvelopeRefusal(.noSource, "the envelope says not who sent it") }
        return .relayError(uid: envelope.uid, text: text)
    }

    private func request(
        _ envelope: RelayEnvelope, _ command: String, _ source: RelayAddress
    ) async throws(EnvelopeRefusal) -> AdmittedRequest {
        let first = command.utf8.first
        guard let first, 0x41...0x5a ~= first || 0x61...0x7a ~= first else {
            throw EnvelopeRefusal(.command, "a command begins with a letter")
        }
        guard Self.isJSON(envelope.schema) else {
            throw EnvelopeRefusal(.schema, "the request is no \(RelayEnvelope.jsonSchema)")
        }
        guard envelope.payload != nil else { throw EnvelopeRefusal(.payload, "the request has no payload") }
        let deadline = try deadline(of: envelope)
        let (sender, digest) = try await sender(of: envelope, source.twin)
        guard let name = CommandName(command) else {
            throw EnvelopeRefusal(.command, "function is not found", code: EnvelopeRefusal.WireCode.failedCall)
        }
        guard limits?.admit(source.twin) ?? true else {
            throw EnvelopeRefusal(
                .rate, "other: too many requests, slow down", code: EnvelopeRefusal.WireCode.other)
        }
        let payload = try await payload(of: envelope, source.twin)
        // Last: what is refused may come again.
        let isFirst = try remember(digest, envelope, source, until: deadline)
        return AdmittedRequest(
            uid: envelope.uid, sender: sender, source: source, command: name, payload: payload, digest: digest,
            deadline: deadline, isFirst: isFirst)
    }

    private func answer(
        _ envelope: RelayEnvelope, _ source: RelayAddress
    ) async throws(EnvelopeRefusal) -> (sender: VerifiedTwin, digest: [UInt8]) {
        guard awaits(envelope.uid, source.twin) else {
            throw EnvelopeRefusal(.unsolicited, "nobody asked twin \(source.twin) for this answer")
        }
        _ = try deadline(of: envelope)
        return try await sender(of: envelope, source.twin)
    }

    private func deadline(of envelope: RelayEnvelope) throws(EnvelopeRefusal) -> Int64 {
        do {
            return try envelope.lifetime.deadline(at: clock())
        } catch {
            throw EnvelopeRefusal(
                error.code == .tooEarly ? .early : .expired, "envelope validation error: \(error)",
                code: EnvelopeRefusal.WireCode.validation)
        }
    }

    private func sender(
        of envelope: RelayEnvelope, _ twin: UInt32
    ) async throws(EnvelopeRefusal) -> (sender: VerifiedTwin, digest: [UInt8]) {
        let signature: TypedSignature
        do {
            signature = try envelope.typedSignature()
        } catch {
            // Nobody is answered for what anybody can send.
            let isUnsigned = envelope.signature?.isEmpty ?? true
            throw EnvelopeRefusal(isUnsigned ? .unsigned : .signature, "invalid envelope signature: \(error)")
        }
        let digest = envelope.digest
        do {
            return (try await senders.twin(twin, signed: digest) { () throws(RMBError) in signature }, digest)
        } catch {
            switch error.code {
            case .unknownTwin:
                throw EnvelopeRefusal(
                    .unknownTwin, "unknown twin id '\(twin)'", code: EnvelopeRefusal.WireCode.unknownTwin)
            case .keyUnavailable:
                throw EnvelopeRefusal(.unavailable, "other: \(error)", code: EnvelopeRefusal.WireCode.other)
            default:
                throw EnvelopeRefusal(
                    .signature, "invalid envelope signature: \(error)", code: EnvelopeRefusal.WireCode.signature)
            }
        }
    }

    /// - Returns: whether it was not taken in before.
    private func remember(
        _ digest: [UInt8], _ envelope: RelayEnvelope, _ source: RelayAddress, until deadline: Int64
    ) throws(EnvelopeRefusal) -> Bool {
        // Fits: the lifetime was found good, so it is no more than a minute ahead of the clock.
        let sent = Int64(clamping: envelope.lifetime.timestamp)
        switch replayGuard.admit(
            source: source.twin, digest: digest, now: sent, deadline: deadline, clock: clock())
        {
        case .fresh: return true
        case .repeated: return false
        case .unknowable:
            throw EnvelopeRefusal(
                .expired, "envelope validation error: message has expired", code: EnvelopeRefusal.WireCode.validation)
        case .full:
            throw EnvelopeRefusal(
                .memoryFull, "other: too many messages, try again later", code: EnvelopeRefusal.WireCode.other)
        }
    }

    private func payload(of envelope: RelayEnvelope, _ twin: UInt32) async throws(EnvelopeRefusal) -> [UInt8] {
        switch envelope.payload {
        case nil: throw EnvelopeRefusal(.payload, "the envelope has no payload")
        case .plain(let bytes):
            guard keys == nil || !policy.requiresEncryption else {
                throw EnvelopeRefusal(
                    .plain, "e2e error: this twin takes encrypted messages only",
                    code: EnvelopeRefusal.WireCode.encryption)
            }
            return bytes
        case .cipher(let bytes): return try await decrypted(bytes, from: twin)
        }
    }

    private func decrypted(_ sealed: [UInt8], from twin: UInt32) async throws(EnvelopeRefusal) -> [UInt8] {
        guard let keys else {
            throw EnvelopeRefusal(
                .encryption, "e2e error: this twin takes no encrypted messages",
                code: EnvelopeRefusal.WireCode.encryption)
        }
        let remembered = try await encryptionKey(of: twin, freshness: .remembered)
        if let remembered, let payload = try? keys.open(sealed, publicKey: remembered) { return payload }
        // Twins can change their key: look once more. What does not open is never taken for plain.
        let current = try await encryptionKey(of: twin, freshness: .current)
        guard let current else {
            throw EnvelopeRefusal(
                .encryption, "sender twin has no public key", code: EnvelopeRefusal.WireCode.noEncryptionKey)
        }
        do {
            return try keys.open(sealed, publicKey: current)
        } catch {
            throw EnvelopeRefusal(.encryption, "e2e error: \(error)", code: EnvelopeRefusal.WireCode.encryption)
        }
    }

    private func encryptionKey(
        of twin: UInt32, freshness: KeyFreshness
    ) async throws(EnvelopeRefusal) -> [UInt8]? {
        switch await directory.record(of: twin, freshness: freshness) {
        case .found(let record): return record.encryptionKey
        case .absent:
            throw EnvelopeRefusal(
                .unknownTwin, "unknown twin id '\(twin)'", code: EnvelopeRefusal.WireCode.unknownTwin)
        case .unavailable(let cause):
            throw EnvelopeRefusal(.unavailable, "other: \(cause)", code: EnvelopeRefusal.WireCode.other)
        }
    }

    private static func isJSON(_ schema: String?) -> Bool {
        schema?.utf8.elementsEqual(RelayEnvelope.jsonSchema.utf8) ?? false
    }
}
