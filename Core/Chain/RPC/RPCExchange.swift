import JSON
import Substrate

/// The questions of one connection that wait for their answers, and its subscriptions, apart from any I/O.
///
/// News may come before the answer that names its subscription: kept, in bounds, as long as such an answer is waited for.
struct RPCExchange {
    /// What follows from an event.
    enum Action: Hashable {
        case finish(UInt64, Result<JSONValue, RPCError>)
        /// News of the subscription that this question opened.
        case deliver(UInt64, JSONValue)
        /// The subscription that this question opened is over.
        case end(UInt64, RPCError)
        /// Nobody wants this subscription any more: its name at the endpoint, and how it is ended.
        case unsubscribe(String, method: String)
    }

    private struct Question {
        let method: String
        let deadline: ContinuousClock.Instant
        /// The method that ends the subscription that this question opens.
        let ending: String?
        var isAbandoned = false
    }

    /// News kept for subscriptions that are not known yet.
    static let earlyLimit = 64

    private var next: UInt64 = 1
    private var questions: [UInt64: Question] = [:]
    private var subscriptions: [String: UInt64] = [:]
    private var early: [(subscription: String, news: JSONValue)] = []

    /// Notes a question and gives it its id.
    mutating func ask(_ method: String, ending: String? = nil, deadline: ContinuousClock.Instant) -> UInt64 {
        let id = next
        next += 1
        questions[id] = Question(method: method, deadline: deadline, ending: ending)
        return id
    }

    mutating func receive(_ message: RPCMessage) -> [Action] {
        switch message {
        case .answer(let id, let result): return answer(id, result)
        case .notification(_, let subscription, let news):
            if let id = subscriptions[subscription] { return [.deliver(id, news)] }
            if early.count < Self.earlyLimit, questions.values.contains(where: { $0.ending != nil }) {
                early.append((subscription, news))
            }
            return []
        }
    }

    private mutating func answer(_ id: UInt64, _ result: Result<JSONValue, RPCFailure>) -> [Action] {
        // An answer that nobody waits for: too late, or an invention.
        guard let question = questions.removeValue(forKey: id) else { return [] }
        defer { forgetEarly() }
        let value: JSONValue
        switch result {
        case .success(let found): value = found
        case .failure(let failure): return question.isAbandoned ? [] : [.finish(id, .failure(.refused(failure)))]
        }
        guard let ending = question.ending else { return [.finish(id, .success(value))] }
        guard let name = RPCMessage.subscription(value) else {
            return question.isAbandoned
                ? [] : [.finish(id, .failure(.nonsense("\(question.method) answered without a subscription")))]
        }
        if question.isAbandoned { return [.unsubscribe(name, method: ending)] }
        subscriptions[name] = id
        let waiting = early.filter { $0.subscription == name }
        return [.finish(id, .success(value))] + waiting.map { .deliver(id, $0.news) }
    }

    /// Whoever asked has gone.
    mutating func abandon(_ id: UInt64) {
        if questions[id]?.ending != nil { questions[id]?.isAbandoned = true } else { questions[id] = nil }
        forgetEarly()
    }

    /// Ends the subscription that a question opened.
    mutating func close(_ id: UInt64, method: String) -> [Action] {
        guard let name = subscriptions.first(where: { $0.value == id })?.key else {
            abandon(id)
            return []
        }
        subscriptions[name] = nil
        return [.unsubscribe(name, method: method)]
    }

    /// Fails what waited too long.
    mutating func expire(at now: ContinuousClock.Instant) -> [Action] {
        let late = questions.filter { $0.value.deadline <= now }
        var actions: [Action] = []
        for (id, question) in late {
            questions[id] = nil
            if !question.isAbandoned {
                actions.append(.finish(id, .failure(.late("\(question.method) was not answered in time"))))
            }
        }
        forgetEarly()
        return actions
    }

    /// The connection is over.
    mutating func end(_ error: RPCError) -> [Action] {
        let failed = questions.filter { !$0.value.isAbandoned }.keys.map { Action.finish($0, .failure(error)) }
        let ended = subscriptions.values.map { Action.end($0, error) }
        (questions, subscriptions, early) = ([:], [:], [])
        return failed + ended
    }

    private mutating func forgetEarly() {
        if !questions.values.contains(where: { $0.ending != nil }) { early = [] }
    }
}
