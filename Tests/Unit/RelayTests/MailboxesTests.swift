import RMB
import Testing

@testable import Relay

@Suite("Mailboxes")
struct MailboxesTests {
    private let peer = RelayAddress(twin: 7)

    private func limits(_ change: (inout MailboxLimits) -> Void = { _ in }) -> MailboxLimits {
        var limits = MailboxLimits()
        change(&limits)
        return limits
    }

    @Test("what waits comes out in its order, and what could not be written comes out before the rest")
    func order() {
        var boxes = Mailboxes(limits: limits())
        func put(_ byte: UInt8) -> Bool { boxes.put([byte], from: 1, for: peer, deadline: 100, at: 0) }
        for byte in UInt8(1)...5 { #expect(put(byte)) }
        let taken = boxes.take(for: peer, atMost: 2, at: 0).envelopes
        #expect(taken.map(\.bytes) == [[1], [2]])
        #expect(put(6))
        boxes.giveBack(taken, for: peer)
        #expect(boxes.count == 6)
        #expect(boxes.bytes == 6)
        let rest = boxes.take(for: peer, atMost: 10, at: 0).envelopes
        #expect(rest.map(\.bytes) == [[1], [2], [3], [4], [5], [6]])
        #expect(boxes.count == 0)
        #expect(boxes.bytes == 0)
    }

    @Test("an envelope that expired while it waited is not delivered")
    func expiry() {
        var boxes = Mailboxes(limits: limits())
        _ = boxes.put([1], from: 1, for: peer, deadline: 50, at: 0)
        _ = boxes.put([2], from: 1, for: peer, deadline: 51, at: 0)
        let (envelopes, expired) = boxes.take(for: peer, atMost: 10, at: 50)
        #expect(envelopes.map(\.bytes) == [[2]])
        #expect(expired == 1)
    }

    @Test("nothing waits longer than an hour, however long it says that it lives")
    func age() {
        var boxes = Mailboxes(limits: limits())
        _ = boxes.put([1], from: 1, for: peer, deadline: .max, at: 1000)
        let expired = boxes.take(for: peer, atMost: 1, at: 1000 + 3600).expired
        #expect(expired == 1)
        _ = boxes.put([1], from: 1, for: peer, deadline: .max, at: .max)
        #expect(boxes.count == 1)
        let swept = boxes.expire(at: .max)
        #expect(swept == 1)
        #expect(boxes.count == 0)
        #expect(boxes.bytes == 0)
    }

    @Test("mailboxes are bounded in count, bytes, senders' shares, number and total; what is too old makes room")
    func bounds() {
        var boxes = Mailboxes(
            limits: limits {
                ($0.count, $0.bytes, $0.countPerSource, $0.totalBytes, $0.mailboxesPerTwin) = (4, 10, 3, 12, 2)
            })
        func put(_ size: Int, _ source: UInt32, _ session: String?, at now: UInt64 = 0) -> Bool {
            boxes.put(
                [UInt8](repeating: 0, count: size), from: source, for: RelayAddress(twin: 7, session: session),
                deadline: 50, at: now)
        }
        #expect(!put(11, 1, nil), "bytes of one")
        for _ in 0..<3 { #expect(put(1, 1, nil)) }
        #expect(!put(1, 1, nil), "the sender's share")
        #expect(put(1, 2, nil))
        #expect(!put(1, 2, nil), "count of one")
        #expect(put(8, 1, "b"))
        #expect(!put(1, 1, "b"), "total")
        #expect(put(1, 1, nil, at: 60), "the old ones are gone")
        #expect(boxes.bytes == 9)
        #expect(!put(1, 1, "c", at: 60), "number of mailboxes")
        let expired = boxes.take(for: RelayAddress(twin: 7, session: "b"), atMost: 1, at: 60).expired
        #expect(expired == 1)
        #expect(put(1, 1, "c", at: 60))
    }
}
