/// What a message must look like apart from its signature. The first four are the bus's own checks, made at the door
/// already; the others close the holes of `docs/spec/rmb-direct.md` section 9.
public struct EnvelopeRules: Sendable {
    public let ownTwin: UInt32
    /// Which commands a request may name.
    private let isKnown: @Sendable (CommandName) -> Bool

    public init(ownTwin: UInt32, isKnown: @escaping @Sendable (CommandName) -> Bool) {
        self.ownTwin = ownTwin
        self.isKnown = isKnown
    }

    /// - Returns: the command, parsed.
    /// - Throws: `badEnvelope` or `unknownCommand`.
    @discardableResult
    public func check(_ message: RMBMessage, door: Door) throws(RMBError) -> CommandName {
        guard message.version == 1 else { throw Self.bad("protocol version mismatch") }
        guard !message.command.isEmpty else { throw Self.bad("missing command request") }
        guard let destinations = message.destinations, !destinations.isEmpty else {
            throw Self.bad("missing twin destination")
        }
        // Callers of the proxy may leave the list out: they get one of ours.
        guard door == .proxied || !message.returnQueue.isEmpty else { throw Self.bad("return queue not defined") }

        guard destinations == [Int64(ownTwin)] else {
            throw Self.bad("the message must be for twin \(ownTwin) and no other")
        }
        guard door == .proxied || message.returnQueue.utf8.elementsEqual(RMBMessage.replyQueue.utf8) else {
            throw Self.bad("return queue must be \(RMBMessage.replyQueue)")
        }
        guard MessageUID.isWellFormed(message.uid) || (door == .proxied && message.uid.isEmpty) else {
            throw Self.bad("message id must be digits.digits or a UUID")
        }
        if door == .reply && message.isProxied {
            throw Self.bad("replies for the proxy queue are not accepted over the network")
        }
        guard let command = CommandName(message.command), !command.isReserved else {
            throw RMBError(.unknownCommand, "function is not found")
        }
        guard door == .reply || isKnown(command) else { throw RMBError(.unknownCommand, "function is not found") }
        return command
    }

    private static func bad(_ text: String) -> RMBError { RMBError(.badEnvelope, text) }
}
