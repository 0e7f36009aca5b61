import Signatures
import Synchronization

/// A twin that proved with its account key that it sent the message at hand. Only `MessageVerifier` can make one.
public struct VerifiedTwin: Sendable, Hashable {
    public let id: UInt32
    public let key: PublicKey

    fileprivate init(id: UInt32, key: PublicKey) {
        self.id = id
        self.key = key
    }
}

/// A message whose sender, freshness and envelope were checked. Only `MessageVerifier` can make one.
public struct VerifiedMessage: Sendable {
    public let message: RMBMessage
    public let sender: VerifiedTwin
    public let command: CommandName
    /// What the replay guard remembers.
    let digest: [UInt8]

    fileprivate init(message: RMBMessage, sender: VerifiedTwin, command: CommandName, digest: [UInt8]) {
        self.message = message
        self.sender = sender
        self.command = command
        self.digest = digest
    }
}

/// Makes the checks of `docs/spec/rmb-direct.md` section 6 in their order: age, key, signature, envelope.
public final class MessageVerifier: Sendable {
    /// Most twins whose scheme is pinned; beyond, pins are forgotten rather than memory used up.
    private static let pinLimit = 1 << 16

    private let keys: any TwinKeys
    private let rules: EnvelopeRules
    private let clock: WallClock
    /// The scheme of each key's first good message: the same bytes are never tried on the other curve again.
    private let pins = Mutex<[PublicKey: KeyScheme]>([:])

    public init(keys: any TwinKeys, rules: EnvelopeRules, clock: @escaping WallClock = UnixTime.now) {
        self.keys = keys
        self.rules = rules
        self.clock = clock
    }

    /// - Throws: the refusal with the text and status for the sender.
    public func verify(_ message: RMBMessage, door: Door) async throws(RMBError) -> VerifiedMessage {
        try Freshness.check(now: message.now, clock: clock())
        let sender = try await sender(of: message)
        let command = try rules.check(message, door: door)
        return VerifiedMessage(message: message, sender: sender.twin, command: command, digest: sender.digest)
    }

    private func sender(of message: RMBMessage) async throws(RMBError) -> (twin: VerifiedTwin, digest: [UInt8]) {
        guard let twin = UInt32(exactly: message.source) else { throw Self.unknown(message.source) }
        let key = try await key(of: twin, freshness: .remembered)
        let digest = message.digest
        let (scheme, bytes) = try message.decodedSignature()
        if isValid(bytes, digest, scheme, key) { return (VerifiedTwin(id: twin, key: key), digest) }
        // Accounts can change their key: look once more, but only for what could be a signature at all.
        let current = try await self.key(of: twin, freshness: .current)
        guard current != key, isValid(bytes, digest, scheme, current) else { throw RMBMessage.badSignature }
        return (VerifiedTwin(id: twin, key: current), digest)
    }

    private func isValid(_ signature: [UInt8], _ digest: [UInt8], _ scheme: KeyScheme, _ key: PublicKey) -> Bool {
        let pinned = pins.withLock { $0[key] }
        guard pinned == nil || pinned == scheme, key.isValid(signature, for: digest, scheme: scheme) else {
            return false
        }
        if pinned == nil {
            pins.withLock { pins in
                if pins.count >= Self.pinLimit { pins.removeAll(keepingCapacity: true) }
                pins[key] = scheme
            }
        }
        return true
    }

    private func key(of twin: UInt32, freshness: KeyFreshness) async throws(RMBError) -> PublicKey {
        switch await keys.publicKey(of: twin, freshness: freshness) {
        case .found(let key): return key
        case .absent: throw Self.unknown(Int64(twin))
        case .unavailable(let cause):
            throw RMBError(
                .keyUnavailable, "couldn't get twin \(twin) public key: \(cause)", isRetryable: true)
        }
    }

    private static func unknown(_ twin: Int64) -> RMBError {
        RMBError(.unknownTwin, "source twin \(twin) not found")
    }
}
