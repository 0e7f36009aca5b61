import JSON
import Substrate
import Testing

@testable import Chain

@Suite("RPC exchange")
struct RPCExchangeTests {
    private let now = ContinuousClock.now

    private func answer(_ id: UInt64, _ value: JSONValue) -> RPCMessage { .answer(id: id, .success(value)) }

    private func news(_ subscription: String, _ value: JSONValue) -> RPCMessage {
        .notification(method: "chain_finalizedHead", subscription: subscription, value)
    }

    @Test("answers find their questions in any order; those that nobody asked for find none")
    func order() {
        var exchange = RPCExchange()
        let first = exchange.ask("a", deadline: now)
        let second = exchange.ask("b", deadline: now)
        #expect(exchange.receive(answer(second, 2)) == [.finish(second, .success(2))])
        #expect(exchange.receive(answer(first, 1)) == [.finish(first, .success(1))])
        #expect(exchange.receive(answer(first, 1)).isEmpty)
        #expect(exchange.receive(answer(99, 1)).isEmpty)
    }

    @Test("an error of the endpoint is an answer")
    func failure() {
        var exchange = RPCExchange()
        let id = exchange.ask("a", deadline: now)
        let failure = RPCFailure(code: -32000, message: "State already discarded")
        #expect(
            exchange.receive(.answer(id: id, .failure(failure))) == [.finish(id, .failure(.refused(failure)))])
    }

    @Test("news that come before the answer that names their subscription are delivered after it")
    func earlyNews() {
        var exchange = RPCExchange()
        let id = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        #expect(exchange.receive(news("s", 1)).isEmpty)
        #expect(exchange.receive(news("other", 5)).isEmpty)
        #expect(exchange.receive(answer(id, "s")) == [.finish(id, .success("s")), .deliver(id, 1)])
        #expect(exchange.receive(news("s", 2)) == [.deliver(id, 2)])
        #expect(exchange.close(id, method: "unsubscribe") == [.unsubscribe("s", method: "unsubscribe")])
        #expect(exchange.receive(news("s", 3)).isEmpty)
    }

    @Test("a stranger's news are kept in bounds, and only while a subscription is being opened")
    func strangersNews() {
        var exchange = RPCExchange()
        #expect(exchange.receive(news("s", 1)).isEmpty)
        let id = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        for number in 0..<1_000 { _ = exchange.receive(news("s", .number(JSONNumber(number)))) }
        let actions = exchange.receive(answer(id, "s"))
        #expect(actions.count == 1 + RPCExchange.earlyLimit)
        #expect(actions[1] == .deliver(id, 0))
    }

    @Test("the number of an older endpoint's subscription is a name too, and an answer without one is nonsense")
    func names() {
        var exchange = RPCExchange()
        let id = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        _ = exchange.receive(answer(id, 17))
        #expect(exchange.receive(news("17", 1)) == [.deliver(id, 1)])
        let other = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        guard case .finish(other, .failure(.nonsense))? = exchange.receive(answer(other, .null)).first else {
            Issue.record("taken for a subscription")
            return
        }
    }

    @Test("what waits too long fails alone")
    func deadline() {
        var exchange = RPCExchange()
        let slow = exchange.ask("slow", deadline: now)
        let patient = exchange.ask("patient", deadline: now + .seconds(10))
        let actions = exchange.expire(at: now + .seconds(1))
        #expect(actions.count == 1)
        guard case .finish(slow, .failure(.late))? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(exchange.receive(answer(slow, 1)).isEmpty)
        #expect(exchange.receive(answer(patient, 1)) == [.finish(patient, .success(1))])
    }

    @Test("a subscription that nobody waits for any more is ended when its name comes")
    func abandoned() {
        var exchange = RPCExchange()
        let id = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        exchange.abandon(id)
        #expect(exchange.receive(answer(id, "s")) == [.unsubscribe("s", method: "unsubscribe")])
    }

    @Test("the end of the connection fails all that waits and ends all subscriptions")
    func end() {
        var exchange = RPCExchange()
        let question = exchange.ask("a", deadline: now)
        let subscription = exchange.ask("subscribe", ending: "unsubscribe", deadline: now)
        _ = exchange.receive(answer(subscription, "s"))
        let actions = exchange.end(.lost("gone"))
        #expect(actions == [.finish(question, .failure(.lost("gone"))), .end(subscription, .lost("gone"))])
        #expect(exchange.end(.lost("gone")).isEmpty)
    }
}
