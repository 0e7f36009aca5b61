import RMB

/// What waits for all sessions. Pure; bounded in count, bytes and age (`MailboxLimits`). In memory: what waits is gone
/// with the relay, and its senders notice by their own deadlines, as with any lost message.
struct Mailboxes {
    private let limits: MailboxLimits
    private var boxes: [RelayAddress: Mailbox] = [:]
    private var boxesOfTwin: [UInt32: Int] = [:]
    private(set) var bytes = 0
    private(set) var count = 0

    init(limits: MailboxLimits) { self.limits = limits }

    /// Whether there was room.
    mutating func put(
        _ bytes: [UInt8], from source: UInt32, for peer: RelayAddress, deadline: UInt64, at now: UInt64
    ) -> Bool {
        let (latest, overflows) = now.addingReportingOverflow(limits.age)
        let envelope = StoredEnvelope(
            bytes: bytes, source: source, deadline: overflows ? deadline : min(deadline, latest))
        if !hasRoom(for: envelope, peer) {
            // What is too old holds no place against what is not.
            expire(peer, at: now)
            guard hasRoom(for: envelope, peer) else { return false }
        }
        if boxes[peer] == nil { boxesOfTwin[peer.twin, default: 0] += 1 }
        boxes[peer, default: Mailbox()].append(envelope)
        count += 1
        self.bytes += bytes.count
        return true
    }

    /// The next envelopes for a session, oldest first, without those that are too old by now.
    /// - Returns: what to write, and how many were dropped.
    mutating func take(
        for peer: RelayAddress, atMost limit: Int, at now: UInt64
    ) -> (envelopes: [StoredEnvelope], expired: Int) {
        var taken: [StoredEnvelope] = []
        var expired = 0
        while taken.count < limit, let envelope = boxes[peer]?.popFirst() {
            count -= 1
            bytes -= envelope.bytes.count
            if envelope.deadline > now { taken.append(envelope) } else { expired += 1 }
        }
        forgetIfEmpty(peer)
        return (taken, expired)
    }

    /// Takes back what was not written, in its order, whatever else has come meanwhile.
    mutating func giveBack(_ envelopes: [StoredEnvelope], for peer: RelayAddress) {
        guard !envelopes.isEmpty else { return }
        if boxes[peer] == nil { boxesOfTwin[peer.twin, default: 0] += 1 }
        boxes[peer, default: Mailbox()].restore(envelopes)
        count += envelopes.count
        bytes += envelopes.reduce(0) { $0 + $1.bytes.count }
    }

    /// Drops all that is too old. Returns how many that were.
    @discardableResult
    mutating func expire(at now: UInt64) -> Int {
        Array(boxes.keys).reduce(0) { $0 + expire($1, at: now) }
    }

    @discardableResult
    private mutating func expire(_ peer: RelayAddress, at now: UInt64) -> Int {
        guard let before = boxes[peer]?.bytes, let expired = boxes[peer]?.expire(at: now), expired > 0 else { return 0 }
        count -= expired
        bytes -= before - (boxes[peer]?.bytes ?? 0)
        forgetIfEmpty(peer)
        return expired
    }

    private mutating func forgetIfEmpty(_ peer: RelayAddress) {
        guard boxes[peer]?.isEmpty == true else { return }
        boxes[peer] = nil
        let left = boxesOfTwin[peer.twin, default: 1] - 1
        boxesOfTwin[peer.twin] = left > 0 ? left : nil
    }

    private func hasRoom(for envelope: StoredEnvelope, _ peer: RelayAddress) -> Bool {
        guard bytes + envelope.bytes.count <= limits.totalBytes else { return false }
        guard let box = boxes[peer] else {
            return envelope.bytes.count <= limits.bytes && limits.count > 0
                && boxesOfTwin[peer.twin, default: 0] < limits.mailboxesPerTwin
        }
        return box.count < limits.count && box.bytes + envelope.bytes.count <= limits.bytes
            && box.count(of: envelope.source) < limits.countPerSource
    }
}
