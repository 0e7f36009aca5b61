import Chain
import Contracts
import JSON
import Logging
import Signatures
import Substrate
import TestLedger
import Testing
import WebSockets

/// A client that speaks JSON-RPC in the plainest way: one request, then its answer.
package struct FaceClient {
    private let socket: WebSocket
    private var messages: WebSocket.Messages.AsyncIterator
    private var lastID = 0
    /// What came while an answer was awaited.
    private var news: [JSONValue] = []
    private var known: RuntimeMetadata?

    private init(_ socket: WebSocket) {
        self.socket = socket
        messages = socket.messages.makeAsyncIterator()
    }

    /// Runs `body` with a client of a face of the ledger.
    package static func with(
        _ ledger: EmbeddedLedger, _ body: @Sendable (inout FaceClient) async throws -> Void
    ) async throws {
        let face = try await ChainFace(
            ledger: ledger, at: .loopback(port: 0), version: "test", log: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await face.run() }
            defer { group.cancelAll() }
            try await with(try WebSocketAddress("ws://127.0.0.1:\(face.port)"), body)
        }
    }

    /// Runs `body` with a client of whatever listens there.
    package static func with(
        _ address: WebSocketAddress, _ body: @Sendable (inout FaceClient) async throws -> Void
    ) async throws {
        try await WebSocketClient().connect(to: address) { socket in
            var client = FaceClient(socket)
            try await body(&client)
        }
    }

    /// The whole answer to a text.
    package mutating func answer(to text: String) async throws -> JSONValue {
        try await socket.send(.text(text))
        while true {
            let message = try await next()
            if message["method"] == nil { return message }
            news.append(message)
        }
    }

    /// The result of a method.
    package mutating func call(_ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
        let answer = try await ask(method, parameters)
        return try #require(answer["result"], "\(method): \(answer.text)")
    }

    /// The number and the data of a method's error.
    package mutating func failure(_ method: String, _ parameters: JSONValue...) async throws -> (
        code: Int64, data: String
    ) {
        let answer = try await ask(method, parameters)
        let failure = try #require(answer["error"], "\(method): \(answer.text)")
        return (try #require(failure["code"]?.int64Value), failure["data"]?.stringValue ?? "")
    }

    private mutating func ask(_ method: String, _ parameters: [JSONValue]) async throws -> JSONValue {
        lastID += 1
        let id = JSONValue.number(JSONNumber(lastID))
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": id, "method": .string(method), "params": .array(parameters),
        ]
        let answer = try await self.answer(to: request.text)
        #expect(answer["id"] == id)
        #expect(answer["jsonrpc"] == "2.0")
        return answer
    }

    /// What the face serves as its metadata.
    package mutating func metadata() async throws -> RuntimeMetadata {
        if let known { return known }
        let text = try #require(try await call("state_getMetadata").stringValue)
        let parsed = try RuntimeMetadata(parsing: try #require(HexText.decode(text)))
        known = parsed
        return parsed
    }

    /// A call as an extrinsic of this ledger, or of another one, another version and another time.
    package mutating func signed(
        _ call: LedgerCall, by key: KeyPair, nonce: UInt64, spec: UInt32 = 149, genesis: HexBytes? = nil,
        era: ExtrinsicEra = .immortal, eraHash: HexBytes? = nil
    ) async throws -> SignedExtrinsic {
        let bytes = try await metadata().encode(call.runtimeCall)
        return try await signed(
            bytes: bytes, by: key, nonce: nonce, spec: spec, genesis: genesis, era: era, eraHash: eraHash)
    }

    /// The same for any call.
    package mutating func signed(
        bytes: [UInt8], by key: KeyPair, nonce: UInt64, spec: UInt32 = 149, genesis: HexBytes? = nil,
        era: ExtrinsicEra = .immortal, eraHash: HexBytes? = nil
    ) async throws -> SignedExtrinsic {
        let own = try #require(try RPCAnswers.blockHash(try await call("chain_getBlockHash", 0)))
        let context = SigningContext(
            genesisHash: genesis?.bytes ?? own, specVersion: spec, transactionVersion: 2, nonce: nonce, era: era,
            eraHash: eraHash?.bytes)
        return try await metadata().sign(bytes, context, with: key)
    }

    /// Hands an extrinsic in.
    /// - Throws: `CallFailure.refused` by the number and text of the refusal.
    package mutating func submit(_ extrinsic: SignedExtrinsic) async throws {
        let answer = try await ask("author_submitExtrinsic", [.string(HexText.encode(extrinsic.bytes))])
        guard let failure = answer["error"] else { return }
        let data = failure["data"]?.stringValue ?? ""
        #expect(failure["code"] == 1010, "\(answer.text)")
        let code: CallRefusal.Code =
            data.contains("outdated") ? .outdated : data.contains("future") ? .future : .badProof
        throw CallFailure.refused(refusal: CallRefusal(code, data))
    }

    /// The next result of a subscription.
    package mutating func notification(_ method: String, _ subscription: JSONValue) async throws -> JSONValue {
        while true {
            let message = try await (news.isEmpty ? next() : news.removeFirst())
            guard message["method"] == .string(method), message["params"]?["subscription"] == subscription else {
                continue
            }
            return try #require(message["params"]?["result"])
        }
    }

    private mutating func next() async throws -> JSONValue {
        guard case .text(let text)? = try await messages.next() else {
            throw WebSocketError(.closed, "the face ended the connection")
        }
        return try JSONValue(parsing: text)
    }
}
