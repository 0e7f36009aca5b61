import JSON
import Signatures

/// Calls over request and reply, for twins whose own bus listens. Replies come in through an `RMBServer` that shares
/// the backlog.
public struct DirectCaller: RMBCaller {
    private let identity: RMBIdentity
    private let sender: PeerSender
    private let backlog: ReplyBacklog
    private let clock: WallClock
    private let retries: Int
    private let retryInterval: Duration

    /// - Parameters:
    ///   - retries: how often a failed send is tried again.
    ///   - retryInterval: the reference waits about six seconds.
    public init(
        identity: RMBIdentity, addresses: any TwinAddresses, connections: PeerConnections, backlog: ReplyBacklog,
        retries: Int = 1, retryInterval: Duration = .seconds(6), clock: @escaping WallClock = UnixTime.now
    ) {
        self.identity = identity
        sender = PeerSender(addresses: addresses, connections: connections)
        self.backlog = backlog
        self.retries = retries
        self.retryInterval = retryInterval
        self.clock = clock
    }

    public func call(
        _ command: String, at twin: UInt32, payload: JSONValue = .null, timeout: Duration = .seconds(60)
    ) async throws(RMBError) -> JSONValue {
        guard let name = CommandName(command) else {
            throw RMBError(.badEnvelope, "\(command) is no command name")
        }
        let (uid, replies) = try backlog.open(to: twin, command: name)
        defer { backlog.close(uid) }
        let seconds = max(1, timeout.components.seconds)
        var message = RMBMessage()
        message.uid = uid
        message.command = command
        message.expiration = seconds
        message.retries = Int64(retries)
        message.data = Base64.encode(Array(payload.text.utf8))
        message.source = Int64(identity.twin)
        message.destinations = [Int64(twin)]
        let unsigned = message
        let expired = RMBError(
            .timedOut, "request timeout (expiration reached, \(seconds))", isRetryable: true)
        let reply = try await withDeadline(timeout, failure: expired) {
            try await send(unsigned)
            for await reply in replies { return reply }
            throw CancellationError()
        }
        guard let text = Base64.decode(reply.data) else {
            throw RMBError(.badReply, "the payload of the reply is not padded base64")
        }
        return try reply.result(text: text)
    }

    /// Sends, again and again as configured. Each try is signed anew, so that it is fresh.
    private func send(_ unsigned: RMBMessage) async throws {
        var left = retries
        while true {
            var message = unsigned
            message.sign(with: identity.key, at: clock())
            do {
                return try await sender.send(message, through: .request)
            } catch {
                guard left > 0 else {
                    throw RMBError(error.code, "all retries done: \(error)", isRetryable: error.isRetryable)
                }
                left -= 1
                try await Task.sleep(for: retryInterval)
            }
        }
    }
}
