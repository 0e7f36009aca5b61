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
        #expect(exchange.expire(at: now + .seconds(2)).unsent.isEmpty)
        let expired = exchange.expire(at: now + .seconds(3))
        #expect(expired.unsent.count == 1 && expired.late.isEmpty && exchange.stuck(at: now + .seconds(3)) == nil)
    }

    private func work(_ subject: String, _ seconds: Int = 100) -> WorkerExchange.Request {
        WorkerExchange.Request(operation: .provision, deadline: now + .seconds(seconds), subject: subject) { _ in }
    }

    @Test("a late request fails alone: the plugin is pinged, a late answer is dropped, a second answer is refused")
    func late() throws {
        var exchange = WorkerExchange(window: 8)
        exchange.add(request(1), payload: [1], descriptors: [], now: now)
        exchange.add(request(60), payload: [2], descriptors: [], now: now)
        let first = sent(&exchange)
        let moment = now + .seconds(1)
        #expect(exchange.expire(at: moment).late.count == 1)
        #expect(exchange.expire(at: moment).late.isEmpty)
        let ping = try #require(sent(&exchange).first)
        #expect(ping.operation == PluginOperation.ping.rawValue)
        #expect(try exchange.take(reply: Message(.reply, id: ping.id, payload: []), now: moment) == nil)
        #expect(exchange.stuck(at: moment + .seconds(4)) == nil)
        #expect(try exchange.take(reply: Message(.reply, id: first[0].id, payload: []), now: moment) == nil)
        #expect(throws: FrameError.self) {
            try exchange.take(reply: Message(.reply, id: first[0].id, payload: []), now: moment)
        }
        #expect(exchange.stuck(at: now + .seconds(50)) == nil)
        #expect(try exchange.take(reply: Message(.reply, id: first[1].id, payload: []), now: moment) != nil)
        #expect(exchange.isIdle)
    }

    @Test("a plugin is stuck when it misses a ping, the deadline twice, or more than a quarter of its window")
    func stuck() throws {
        var silent = WorkerExchange(window: 8)
        silent.add(request(1), payload: [], descriptors: [], now: now)
        _ = silent.expire(at: now + .seconds(1))
        #expect(silent.stuck(at: now + .seconds(5)) == nil)
        #expect(silent.stuck(at: now + .seconds(6))?.contains("ping") == true)

        var slow = WorkerExchange(window: 8)
        slow.add(request(20), payload: [], descriptors: [], now: now)
        _ = slow.expire(at: now + .seconds(20))
        let ping = try #require(sent(&slow).last)
        _ = try slow.take(reply: Message(.reply, id: ping.id, payload: []), now: now)
        #expect(slow.stuck(at: now + .seconds(39)) == nil)
        #expect(slow.stuck(at: now + .seconds(40))?.contains("once more") == true)

        var many = WorkerExchange(window: 8)
        for _ in 0..<3 { many.add(request(1), payload: [], descriptors: [], now: now) }
        _ = many.expire(at: now + .seconds(1))
        #expect(many.stuck(at: now + .seconds(1))?.contains("3 requests") == true)
    }

    @Test("work on a workload waits for the late work on it, other work does not")
    func subjects() throws {
        var exchange = WorkerExchange(window: 8)
        exchange.add(work("a", 1), payload: [1], descriptors: [], now: now)
        _ = exchange.expire(at: now + .seconds(1))
        exchange.add(work("a"), payload: [2], descriptors: [], now: now)
        exchange.add(work("a"), payload: [3], descriptors: [], now: now)
        exchange.add(work("b"), payload: [4], descriptors: [], now: now)
        let messages = sent(&exchange)
        #expect(messages.map(\.payload) == [[1], Array("{}".utf8), [4]])
        _ = try exchange.take(reply: Message(.reply, id: messages[0].id, payload: []), now: now)
        #expect(sent(&exchange).map(\.payload) == [[2]])
    }

    @Test("work leaves a quarter of the window to questions, which take turns with it")
    func fairness() throws {
        var exchange = WorkerExchange(window: 8)
        for index in 0..<20 { exchange.add(work("\(index)"), payload: [1], descriptors: [], now: now) }
        for _ in 0..<20 { exchange.add(request(), payload: [2], descriptors: [], now: now) }
        let first = sent(&exchange)
        #expect(first.map { $0.payload[0] } == [1, 1, 1, 1, 1, 1, 2, 2])
        for message in first { _ = try exchange.take(reply: Message(.reply, id: message.id, payload: []), now: now) }
        #expect(sent(&exchange).map { $0.payload[0] }.prefix(4).sorted() == [1, 1, 2, 2])
    }

    @Test("a manifest's `calls` bounds requests and calls")
    func narrowWindow() throws {
        var exchange = WorkerExchange(window: 2)
        for _ in 0..<5 { exchange.add(request(), payload: [], descriptors: [], now: now) }
        #expect(sent(&exchange).count == 2)
        for id in 1...2 { try exchange.take(call: Message(.call, id: UInt64(id), payload: [])) }
        let error = #expect(throws: FrameError.self) { try exchange.take(call: Message(.call, id: 3, payload: [])) }
        #expect("\(try #require(error))".contains("more than 2 calls"))
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
