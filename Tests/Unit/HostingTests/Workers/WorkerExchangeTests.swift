import Synchronization
import Testing
import WorkerSandbox

@testable import Hosting

@Suite("WorkerExchange")
struct WorkerExchangeTests {
    private let now = ContinuousClock.now

    private func request(_ seconds: Int = 10) -> WorkerExchange.Request {
        WorkerExchange.Request(operation: .command, deadline: now + .seconds(seconds)) { _ in }
    }

    private func sent(_ exchange: inout WorkerExchange) -> [Message] {
        var messages: [Message] = []
        exchange.flush { message, packet, _ in
            if packet == 0 { messages.append(message) }
            return true
        }
        return messages
    }

    @Test("64 requests go out; the others wait for replies and keep their order")
    func window() throws {
        var exchange = WorkerExchange()
        for index in 0..<70 { exchange.add(request(), payload: [UInt8(index)], descriptors: [], now: now) }
        let first = sent(&exchange)
        #expect(first.count == 64 && Set(first.map(\.id)).count == 64)
        _ = try exchange.take(reply: Message(.reply, id: first[5].id, payload: []), now: now)
        #expect(sent(&exchange).map(\.payload) == [[64]])
    }

    @Test("a reply that nobody waits for, and one given twice, are refused")
    func unknownReply() throws {
        var exchange = WorkerExchange()
        exchange.add(request(), payload: [], descriptors: [], now: now)
        let id = try #require(sent(&exchange).first?.id)
        #expect(throws: FrameError.self) {
            try exchange.take(reply: Message(.reply, id: id + 1, payload: []), now: now)
        }
        _ = try exchange.take(reply: Message(.reply, id: id, payload: []), now: now)
        #expect(throws: FrameError.self) { try exchange.take(reply: Message(.reply, id: id, payload: []), now: now) }
    }

    @Test("ids of calls grow, at most 64 are open, each is answered once")
    func calls() throws {
        var exchange = WorkerExchange()
        for id in 1...64 { try exchange.take(call: Message(.call, id: UInt64(id), payload: [])) }
        #expect(throws: FrameError.self) { try exchange.take(call: Message(.call, id: 65, payload: [])) }
        exchange.answer(3, status: 0, payload: [], descriptors: [])
        exchange.answer(3, status: 0, payload: [], descriptors: [])
        #expect(sent(&exchange).count == 1)
        #expect(throws: FrameError.self) { try exchange.take(call: Message(.call, id: 64, payload: [])) }
        try exchange.take(call: Message(.call, id: 65, payload: []))
    }

    @Test("the first deadline counts, also that of a request that waits for the window")
    func deadlines() {
        var exchange = WorkerExchange()
        for _ in 0..<64 { exchange.add(request(10), payload: [], descriptors: [], now: now) }
        exchange.add(request(3), payload: [], descriptors: [], now: now)
        #expect(exchange.nextDeadline == now + .seconds(3))
        #expect(exchange.expired(at: now + .seconds(2)) == nil)
        #expect(exchange.expired(at: now + .seconds(3)) == .command)
    }

    @Test("a full socket keeps the order of packets and goes on where it stopped")
    func partial() {
        var exchange = WorkerExchange()
        exchange.add(request(), payload: [UInt8](repeating: 1, count: 200_000), descriptors: [], now: now)
        exchange.add(request(), payload: [2], descriptors: [], now: now)
        var packets: [String] = []
        var room = 2
        for _ in 0..<3 {
            exchange.flush { message, packet, _ in
                guard room > 0 else { return false }
                room -= 1
                packets.append("\(message.id).\(packet)")
                return true
            }
            room = 2
        }
        #expect(packets == ["1.0", "1.1", "1.2", "1.3", "2.0"])
        #expect(exchange.outbox.isEmpty)
    }

    @Test("an end gives back everything that was open")
    func end() {
        var exchange = WorkerExchange()
        for _ in 0..<70 { exchange.add(request(), payload: [], descriptors: [], now: now) }
        #expect(exchange.end().count == 70)
        #expect(exchange.isIdle && exchange.outbox.isEmpty)
    }
}
