import Synchronization

/// Requests that were sent and wait for their reply. A reply counts only if it comes from the twin that was asked, for
/// the command that was asked, under an id that nobody can guess (`docs/spec/rmb-direct.md` section 9, hole 4).
public final class ReplyBacklog: Sendable {
    private struct Pending {
        let twin: UInt32
        let command: CommandName
        let reply: AsyncStream<RMBMessage>.Continuation
    }

    private static let sizeLimit = 4096

    private let pending = Mutex<[String: Pending]>([:])

    public init() {}

    /// Makes an entry, before the request is sent: a very quick reply finds it.
    func open(
        to twin: UInt32, command: CommandName
    ) throws(RMBError) -> (uid: String, reply: AsyncStream<RMBMessage>) {
        let uid = UUIDText.random()
        let (stream, continuation) = AsyncStream.makeStream(of: RMBMessage.self, bufferingPolicy: .bufferingOldest(1))
        let isOpen = pending.withLock { pending in
            guard pending.count < Self.sizeLimit else { return false }
            pending[uid] = Pending(twin: twin, command: command, reply: continuation)
            return true
        }
        guard isOpen else { throw RMBError(.tooMany, "too many requests wait for replies", isRetryable: true) }
        return (uid, stream)
    }

    /// Forgets a request that failed or was answered.
    func close(_ uid: String) {
        pending.withLock { $0.removeValue(forKey: uid) }?.reply.finish()
    }

    /// Hands a verified reply to its request. The first one removes the entry.
    /// - Returns: whether anybody waited for it.
    func deliver(_ reply: VerifiedMessage) -> Bool {
        let found = pending.withLock { pending -> Pending? in
            guard let entry = pending[reply.message.uid], entry.twin == reply.sender.id,
                entry.command == reply.command
            else { return nil }
            return pending.removeValue(forKey: reply.message.uid)
        }
        guard let found else { return false }
        found.reply.yield(reply.message)
        found.reply.finish()
        return true
    }

    /// How many requests wait.
    public var count: Int { pending.withLock { $0.count } }
}
