import Synchronization

/// Requests of ours that were sent by relay and wait for their answer. Only the twin that was asked can answer, and only
/// once (`docs/spec/rmb-relay.md` section 10, hole 6).
final class PendingCalls: Sendable {
    enum Event: Sendable {
        case answer(AdmittedEnvelope.Answer)
        /// A relay could not deliver it.
        case undelivered(line: Int, text: String)
        /// The connection to the relay that carried it, or would carry the answer, broke.
        case lineLost(line: Int)
    }

    private struct Entry {
        let twin: UInt32
        let events: AsyncStream<Event>.Continuation
    }

    private static let sizeLimit = 4096

    private let entries = Mutex<[String: Entry]>([:])

    /// Makes an entry, before the request is sent: a very quick answer finds it.
    /// - Throws: `tooMany`.
    func open(_ uid: String, to twin: UInt32) throws(RMBError) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(16))
        let isOpen = entries.withLock { entries in
            guard entries.count < Self.sizeLimit else { return false }
            entries[uid] = Entry(twin: twin, events: continuation)
            return true
        }
        guard isOpen else { throw RMBError(.tooMany, "too many requests wait for answers", isRetryable: true) }
        return stream
    }

    func close(_ uid: String) { entries.withLock { $0.removeValue(forKey: uid) }?.events.finish() }

    /// Whether an answer of that twin is awaited; nil stands for any twin.
    func awaits(_ uid: String, from twin: UInt32?) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[uid] else { return false }
            return twin == nil || entry.twin == twin
        }
    }

    /// - Returns: whether anybody waited for it; the first answer removes the entry.
    func deliver(_ answer: AdmittedEnvelope.Answer, uid: String, from twin: UInt32) -> Bool {
        let found = entries.withLock { entries -> Entry? in
            guard let entry = entries[uid], entry.twin == twin else { return nil }
            return entries.removeValue(forKey: uid)
        }
        guard let found else { return false }
        found.events.yield(.answer(answer))
        found.events.finish()
        return true
    }

    /// - Returns: whether anybody waited for it.
    func undelivered(_ uid: String, line: Int, text: String) -> Bool {
        guard let entry = entries.withLock({ $0[uid] }) else { return false }
        entry.events.yield(.undelivered(line: line, text: text))
        return true
    }

    func lost(_ line: Int) {
        for entry in entries.withLock({ Array($0.values) }) { entry.events.yield(.lineLost(line: line)) }
    }

    /// How many requests wait.
    var count: Int { entries.withLock { $0.count } }
}
