import Signatures

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
    private let senders: SenderCheck
    private let rules: EnvelopeRules
    private let clock: WallClock

    public convenience init(keys: any TwinKeys, rules: EnvelopeRules, clock: @escaping WallClock = UnixTime.now) {
        self.init(senders: SenderCheck(keys: keys), rules: rules, clock: clock)
    }

    public init(senders: SenderCheck, rules: EnvelopeRules, clock: @escaping WallClock = UnixTime.now) {
        self.senders = senders
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
        guard let id = UInt32(exactly: message.source) else { throw SenderCheck.unknown(message.source) }
        let digest = message.digest
        let twin = try await senders.twin(id, signed: digest) { () throws(RMBError) in
            try message.decodedSignature()
        }
        return (twin, digest)
    }
}
