import Contracts
import JSON
import Logging
import Substrate
import WebSockets

/// One client of the face: its requests in order, its subscriptions beside them.
struct FaceSession: Sendable {
    /// Requests in one batch.
    private static let maxBatch = 100
    /// How long a subscription waits for a block before it looks whether it is still wanted.
    private static let patience = Duration.seconds(20)

    let ledger: EmbeddedLedger
    let methods: FaceMethods
    let socket: WebSocket
    private let subscriptions = FaceSubscriptions()

    init(methods: FaceMethods, socket: WebSocket) {
        ledger = methods.ledger
        self.methods = methods
        self.socket = socket
    }

    /// Answers until the client goes.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await message in socket.messages {
                var news: [News] = []
                try await socket.send(.text(await answer(message, &news).text))
                // Only now, so that the client knows the id before it hears of it.
                for item in news { group.addTask { try await deliver(item) } }
            }
            group.cancelAll()
        }
    }

    /// What a subscription goes on with after its answer.
    private struct News: Sendable {
        let id: String
        let kind: FaceSubscriptions.Kind
        var call: PendingCall?
    }

    private func answer(_ message: WebSocketMessage, _ news: inout [News]) async -> JSONValue {
        let parsed: JSONValue?
        switch message {
        case .text(let text): parsed = try? JSONValue(parsing: text)  // Answered as unreadable.
        case .binary(let bytes): parsed = try? JSONValue(parsing: bytes)
        }
        guard let parsed else { return FaceRequest.answer(.null, .failure(.unreadable)) }
        guard let batch = parsed.arrayValue else { return await answer(parsed, &news) }
        guard !batch.isEmpty, batch.count <= Self.maxBatch else {
            return FaceRequest.answer(.null, .failure(.invalidRequest))
        }
        var answers: [JSONValue] = []
        for request in batch { answers.append(await answer(request, &news)) }
        return .array(answers)
    }

    private func answer(_ value: JSONValue, _ news: inout [News]) async -> JSONValue {
        let id = value["id"] ?? .null
        do {
            return FaceRequest.answer(id, .success(try await result(FaceRequest(value), &news)))
        } catch let failure as RPCFailure {
            return FaceRequest.answer(id, .failure(failure))
        } catch {
            return FaceRequest.answer(id, .failure(.internalError))
        }
    }

    private func result(_ request: FaceRequest, _ news: inout [News]) async throws -> JSONValue {
        switch request.method {
        case "chain_subscribeFinalizedHeads": return try begin(.finalizedHeads, &news)
        case "chain_subscribeNewHeads": return try begin(.newHeads, &news)
        case "state_subscribeRuntimeVersion": return try begin(.runtimeVersion, &news)
        case "chain_unsubscribeFinalizedHeads": return try end(.finalizedHeads, request)
        case "chain_unsubscribeNewHeads": return try end(.newHeads, request)
        case "state_unsubscribeRuntimeVersion": return try end(.runtimeVersion, request)
        case "author_unwatchExtrinsic": return try end(.extrinsic, request)
        case "author_submitExtrinsic":
            let call = try read(request)
            _ = try await letIn(call)
            return .string(HexText.encode(call.hash.bytes))
        case "author_submitAndWatchExtrinsic":
            let call = try read(request)
            let id = try begin(.extrinsic)
            do {
                news.append(News(id: id, kind: .extrinsic, call: try await letIn(call)))
            } catch {
                subscriptions.end(id, .extrinsic)
                throw error
            }
            return .string(id)
        default: return try await methods.answer(request)
        }
    }

    private func read(_ request: FaceRequest) throws(RPCFailure) -> ChainCall {
        let bytes = try request.bytes(0)
        do throws(CallRefusal) {
            return try ChainCall(bytes, runtime: methods.runtime)
        } catch {
            throw RPCFailure(error)
        }
    }

    private func letIn(_ call: ChainCall) async throws(RPCFailure) -> PendingCall {
        do throws(CallFailure) {
            return try await ledger.enqueue(call)
        } catch {
            switch error {
            case .refused(let refusal): throw RPCFailure(refusal)
            case .unavailable(let reason): throw RPCFailure(reason)
            // A call that was let in fails later, in its block.
            case .failed: throw .internalError
            }
        }
    }

    private func begin(_ kind: FaceSubscriptions.Kind) throws(RPCFailure) -> String {
        guard let id = subscriptions.begin(kind) else {
            throw RPCFailure(code: -32000, message: "Too many subscriptions on the connection")
        }
        return id
    }

    private func begin(_ kind: FaceSubscriptions.Kind, _ news: inout [News]) throws(RPCFailure) -> JSONValue {
        let id = try begin(kind)
        news.append(News(id: id, kind: kind))
        return .string(id)
    }

    private func end(_ kind: FaceSubscriptions.Kind, _ request: FaceRequest) throws(RPCFailure) -> JSONValue {
        guard let id = RPCMessage.subscription(try request.required(0)) else {
            throw .badParameter("a subscription's id is needed")
        }
        return .bool(subscriptions.end(id, kind))
    }

    private func deliver(_ news: News) async throws {
        switch news.kind {
        case .runtimeVersion: try await send(methods.runtime.versionAnswer, news)
        case .finalizedHeads, .newHeads: try await deliverHeads(news)
        case .extrinsic:
            if let call = news.call { try await deliverStatus(of: call, news) }
        }
    }

    /// The head as it is, then each that follows.
    private func deliverHeads(_ news: News) async throws {
        var number = try await ledger.head(.finalised).number
        while true {
            guard subscriptions.isActive(news.id) else { return }
            try await send(try await methods.blocks.header(number), news)
            var next = number
            while next == number {
                try Task.checkCancellation()
                guard subscriptions.isActive(news.id) else { return }
                next = try await ledger.waitForBlock(after: number, patience: Self.patience).number
            }
            number = next
        }
    }

    private func deliverStatus(of call: PendingCall, _ news: News) async throws {
        defer { subscriptions.end(news.id, .extrinsic) }
        try await send("ready", news)
        let number: UInt32
        switch await call.outcome() {
        case .success(let receipt): number = receipt.block.number
        case .failure(.failed(_, let block)): number = block
        case .failure(.refused): return try await send("invalid", news)
        case .failure(.unavailable): return try await send("dropped", news)
        }
        let hash = try await methods.hash(number)
        try await send(["inBlock": hash], news)
        try await send(["finalized": hash], news)
    }

    private func send(_ result: JSONValue, _ news: News) async throws {
        guard subscriptions.isActive(news.id) else { return }
        let message: JSONValue = [
            "jsonrpc": "2.0", "method": .string(news.kind.rawValue),
            "params": ["subscription": .string(news.id), "result": result],
        ]
        try await socket.send(.text(message.text))
    }
}
