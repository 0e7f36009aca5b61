import JSON
import Substrate
import Synchronization
import WebSockets

/// JSON-RPC 2.0 over one WebSocket: any number of questions at a time, answers in any order, subscriptions
/// (docs/spec/tfchain.md section 1). When the connection ends, all that waits fails; nothing is asked twice here.
final class RPCConnection: Sendable {
    /// News of one subscription. Only the newest are kept for a reader that is behind.
    typealias News = AsyncThrowingStream<JSONValue, any Error>
    private typealias Answer = Result<JSONValue, RPCError>

    /// Where a question is on its way.
    private enum Wait {
        case sending
        case waiting(CheckedContinuation<Answer, Never>)
        /// The answer was there before anybody waited for it.
        case answered(Answer)
    }

    private struct State {
        var exchange = RPCExchange()
        var waits: [UInt64: Wait] = [:]
        var sinks: [UInt64: News.Continuation] = [:]
        var ending: RPCError?
    }

    private static let keptNews = 64
    /// How often deadlines are looked at.
    private static let tick = Duration.milliseconds(200)

    private let socket: WebSocket
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameter patience: how long an answer may take unless a question says otherwise.
    init(_ socket: WebSocket, patience: Duration) {
        self.socket = socket
        self.patience = patience
    }

    /// Reads what comes until the connection ends or the task is cancelled; by then everything that waits has failed.
    /// - Returns: why it ended.
    func run() async -> RPCError {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when the connection is over.
                while (try? await Task.sleep(for: Self.tick)) != nil {
                    self.apply(self.state.withLock { $0.exchange.expire(at: .now) })
                }
            }
            let reason = await read()
            let actions = state.withLock { state in
                state.ending = reason
                return state.exchange.end(reason)
            }
            apply(actions)
            group.cancelAll()
            return reason
        }
    }

    private func read() async -> RPCError {
        do {
            for try await message in socket.messages {
                guard case .text(let text) = message else {
                    return .nonsense("the endpoint sent bytes instead of text")
                }
                let limits = JSONLimits(maxBytes: text.utf8.count)
                let parsed = try RPCMessage(try JSONValue(parsing: text, limits: limits))
                let actions = state.withLock { $0.exchange.receive(parsed) }
                apply(actions)
                for case .unsubscribe(let name, let method) in actions { try await unsubscribe(name, method) }
            }
            return .lost("the endpoint closed the connection")
        } catch is CancellationError {
            return .lost("the connection was closed")
        } catch let error as WebSocketError {
            return .lost(error.message)
        } catch {
            return .nonsense("the endpoint sent what cannot be read: \(error)")
        }
    }

    /// Asks and waits for the answer.
    func call(
        _ method: String, _ parameters: [JSONValue] = [], patience: Duration? = nil
    ) async throws(RPCError) -> JSONValue {
        let id = try begin(method, ending: nil, patience: patience)
        return try await answer(to: method, parameters, id: id)
    }

    /// Subscribes, hands the news to `body` and ends the subscription when that returns or throws.
    func subscribe<Value: Sendable>(
        _ method: String, _ parameters: [JSONValue] = [], ending: String, _ body: (News) async throws -> Value
    ) async throws -> Value {
        let (news, sink) = News.makeStream(bufferingPolicy: .bufferingNewest(Self.keptNews))
        let id = try begin(method, ending: ending, patience: nil, sink: sink)
        defer { sink.finish() }
        do {
            _ = try await answer(to: method, parameters, id: id)
            let value = try await body(news)
            await close(id, ending)
            return value
        } catch {
            await close(id, ending)
            throw error
        }
    }

    private func begin(
        _ method: String, ending: String?, patience: Duration?, sink: News.Continuation? = nil
    ) throws(RPCError) -> UInt64 {
        let deadline = ContinuousClock.now + (patience ?? self.patience)
        let begun: Result<UInt64, RPCError> = state.withLock { state in
            if let over = state.ending { return .failure(over) }
            let id = state.exchange.ask(method, ending: ending, deadline: deadline)
            state.waits[id] = .sending
            state.sinks[id] = sink
            return .success(id)
        }
        return try begun.get()
    }

    private func answer(to method: String, _ parameters: [JSONValue], id: UInt64) async throws(RPCError) -> JSONValue {
        let question: JSONValue = [
            "jsonrpc": "2.0", "id": .number(JSONNumber(id)), "method": .string(method), "params": .array(parameters),
        ]
        let result = await withTaskCancellationHandler {
            do {
                try await socket.send(.text(question.text))
            } catch {
                abandon(id, .lost("the question could not be sent: \(error)"))
            }
            return await withCheckedContinuation { continuation in
                let early: Answer? = state.withLock { state in
                    switch state.waits.removeValue(forKey: id) {
                    case .answered(let answer): return answer
                    case .sending:
                        state.waits[id] = .waiting(continuation)
                        return nil
                    case .waiting, nil: return .failure(.cancelled)
                    }
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            abandon(id, .cancelled)
        }
        return try result.get()
    }

    /// The question's answer is no longer wanted.
    private func abandon(_ id: UInt64, _ error: RPCError) {
        state.withLock { $0.exchange.abandon(id) }
        apply([.finish(id, .failure(error))])
    }

    private func apply(_ actions: [RPCExchange.Action]) {
        for action in actions {
            switch action {
            case .finish(let id, let answer):
                let continuation: CheckedContinuation<Answer, Never>? = state.withLock { state in
                    switch state.waits.removeValue(forKey: id) {
                    case .waiting(let continuation): return continuation
                    case .sending: state.waits[id] = .answered(answer)
                    case .answered(let first): state.waits[id] = .answered(first)
                    case nil: break
                    }
                    return nil
                }
                continuation?.resume(returning: answer)
            case .deliver(let id, let news): state.withLock { $0.sinks[id] }?.yield(news)
            case .end(let id, let error): state.withLock { $0.sinks[id] }?.finish(throwing: error)
            case .unsubscribe: break  // Sent by whoever got it.
            }
        }
    }

    private func close(_ id: UInt64, _ method: String) async {
        let actions = state.withLock { state in
            state.sinks[id] = nil
            return state.exchange.close(id, method: method)
        }
        // On a connection that is lost there is nothing to end any more.
        for case .unsubscribe(let name, let method) in actions { try? await unsubscribe(name, method) }
    }

    /// Nobody waits for the answer; it is ignored when it comes.
    private func unsubscribe(_ name: String, _ method: String) async throws {
        let id = state.withLock { state in
            let id = state.exchange.ask(method, deadline: .now)
            state.exchange.abandon(id)
            return id
        }
        let question: JSONValue = [
            "jsonrpc": "2.0", "id": .number(JSONNumber(id)), "method": .string(method), "params": [.string(name)],
        ]
        try await socket.send(.text(question.text))
    }
}
