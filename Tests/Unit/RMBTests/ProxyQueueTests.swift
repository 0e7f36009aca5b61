import Signatures
import Testing

@testable import RMB

@Suite("Proxy queue")
struct ProxyQueueTests {
    private func at(_ seconds: Int64) -> UnixTime { UnixTime(seconds: seconds) }

    @Test("an answer stays for a minute after its first delivery, and half an hour at most")
    func lifetimes() throws {
        let queue = ProxyQueue()
        let first = try #require(queue.open(for: 1, at: at(0)))
        #expect(queue.answers(under: first, at: at(1)).isEmpty)
        queue.store([1], under: first)
        #expect(queue.answers(under: first, at: at(100)) == [[1]])
        #expect(queue.answers(under: first, at: at(159)) == [[1]])
        #expect(queue.answers(under: first, at: at(160)).isEmpty)
        let second = try #require(queue.open(for: 1, at: at(200)))
        queue.store([2], under: second)
        #expect(queue.answers(under: second, at: at(2000)).isEmpty)
        #expect(queue.count == 0)
    }

    @Test("what waits is bounded per twin and in all")
    func bounds() throws {
        let queue = ProxyQueue(limits: ProxyQueue.Limits(perTwin: 2, total: 3))
        let name = try #require(queue.open(for: 1, at: at(0)))
        #expect(queue.open(for: 1, at: at(0)) != nil)
        #expect(queue.open(for: 1, at: at(0)) == nil)
        #expect(queue.open(for: 2, at: at(0)) != nil)
        #expect(queue.open(for: 3, at: at(0)) == nil)
        queue.cancel(name)
        #expect(queue.open(for: 3, at: at(0)) != nil)
        #expect(queue.open(for: 4, at: at(1800)) != nil)
    }

    @Test("names are version 4 UUIDs and never repeat")
    func names() {
        let names = Set((0..<100).map { _ in UUIDText.random() })
        #expect(names.count == 100)
        #expect(names.allSatisfy(UUIDText.isResultQueue))
    }
}
