/// What waits for one session, first come first served.
struct Mailbox {
    private var waiting: [StoredEnvelope] = []
    /// Elements before this one are gone; the array is cut once they are the larger part.
    private var first = 0
    private var sources: [UInt32: Int] = [:]
    private(set) var bytes = 0

    var count: Int { waiting.count - first }
    var isEmpty: Bool { count == 0 }

    func count(of source: UInt32) -> Int { sources[source, default: 0] }

    mutating func append(_ envelope: StoredEnvelope) {
        waiting.append(envelope)
        account(for: envelope, 1)
    }

    mutating func popFirst() -> StoredEnvelope? {
        guard first < waiting.count else { return nil }
        let envelope = waiting[first]
        first += 1
        account(for: envelope, -1)
        if first * 2 > waiting.count {
            waiting.removeFirst(first)
            first = 0
        }
        return envelope
    }

    /// Puts back what could not be written, before everything else.
    mutating func restore(_ envelopes: [StoredEnvelope]) {
        waiting.replaceSubrange(..<first, with: envelopes)
        first = 0
        for envelope in envelopes { account(for: envelope, 1) }
    }

    /// Removes what is too old. Returns how many that were.
    mutating func expire(at now: UInt64) -> Int {
        let kept = waiting[first...].filter { $0.deadline > now }
        let expired = count - kept.count
        guard expired > 0 else { return 0 }
        (waiting, first, bytes, sources) = ([], 0, 0, [:])
        for envelope in kept { append(envelope) }
        return expired
    }

    private mutating func account(for envelope: StoredEnvelope, _ sign: Int) {
        bytes += sign * envelope.bytes.count
        let count = sources[envelope.source, default: 0] + sign
        sources[envelope.source] = count > 0 ? count : nil
    }
}
