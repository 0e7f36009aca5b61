import Signatures
import Testing

@testable import RMB

@Suite("Proxy queue")
struct ProxyQueueTests {
    /// A message that equals no other.
    private func message(_ twin: UInt32) -> ProxyQueue.MessageKey {
        ProxyQueue.MessageKey(twin: twin, digest: Array(UUIDText.random().utf8))
    }

    private func at(_ seconds: Int64) -> UnixTime { UnixTime(seconds: seconds) }

    @Test("an answer stays for a minute after its first delivery, and half an hour at most")
    func lifetimes() throws {
        let queue = ProxyQueue()
        let first = try #require(queue.open(for: message(1), at: at(0)))
        #expect(queue.answers(under: first, at: at(1)).isEmpty)
        queue.store([1], under: first)
        #expect(queue.answers(under: first, at: at(100)) == [[1]])
        #expect(queue.answers(under: first, at: at(159)) == [[1]])
        #expect(queue.answers(under: first, at: at(160)).isEmpty)
        let second = try #require(queue.open(for: message(1), at: at(200)))
        queue.store([2], under: second)
        #expect(queue.answers(under: second, at: at(2000)).isEmpty)
        #expect(queue.count == 0)
    }

    @Test("what waits is bounded per twin and in all")
    func bounds() throws {
        let queue = ProxyQueue(limits: ProxyQueue.Limits(perTwin: 2, total: 3))
        let name = try #require(queue.open(for: message(1), at: at(0)))
        #expect(queue.open(for: message(1), at: at(0)) != nil)
        #expect(queue.open(for: message(1), at: at(0)) == nil)
        #expect(queue.open(for: message(2), at: at(0)) != nil)
        #expect(queue.open(for: message(3), at: at(0)) == nil)
        queue.cancel(name)
        #expect(queue.open(for: message(3), at: at(0)) != nil)
        #expect(queue.open(for: message(4), at: at(1800)) != nil)
    }

    @Test("the same message shares its name until nobody holds it, and counts once")
    func repeats() throws {
        let queue = ProxyQueue(limits: ProxyQueue.Limits(perTwin: 1, total: 2))
        let same = message(1)
        let name = try #require(queue.open(for: same, at: at(0)))
        #expect(queue.open(for: same, at: at(1)) == name)
        #expect(queue.open(for: ProxyQueue.MessageKey(twin: 2, digest: same.digest), at: at(1)) != name)
        queue.cancel(name)
        queue.store([1], under: name)
        #expect(queue.answers(under: name, at: at(2)) == [[1]])
        // A minute after its delivery it is gone, and the same message would wait under another.
        #expect(queue.open(for: same, at: at(62)) != name)
        #expect(queue.answers(under: name, at: at(62)).isEmpty)
    }

    @Test("names are version 4 UUIDs and never repeat")
    func names() {
        let names = Set((0..<100).map { _ in UUIDText.random() })
        #expect(names.count == 100)
        #expect(names.allSatisfy(UUIDText.isResultQueue))
    }
}
