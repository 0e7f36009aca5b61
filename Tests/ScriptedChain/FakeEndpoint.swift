import Chain
import Contracts
import JSON
import Logging
import Substrate
import Synchronization
import WebSockets

/// An endpoint that shows a fake chain, with whatever fault a test gives it.
package final class FakeEndpoint: Sendable {
    /// What is wrong with it.
    package struct Faults: Sendable {
        /// Accepts nothing and drops what is there.
        package var isGone = false
        /// Methods that are never answered.
        package var deaf: Set<String> = []
        /// Methods that are answered with an error.
        package var refused: [String: RPCFailure] = [:]
        package var genesis: [UInt8]?
        package var metadata: [UInt8]?
        /// How far its clock is behind.
        package var behind: UInt64 = 0
        package var prunedBelow: UInt32 = 0
        /// Drops the connection after so many requests, again and again.
        package var dropsAfter: Int?
        /// Finalised heads are told of only when the number is a multiple.
        package var announcesEvery: UInt32 = 1
        package var hidesHeads = false
        /// Does not know newer blocks.
        package var knowsUntil = UInt32.max
        /// Tells the first news of a subscription before it answers with the subscription's name.
        package var newsComeFirst = false
        /// What becomes of the next calls; when the list is empty they are applied.
        package var calls: [CallFault] = []

        package init() {}
    }

    package enum CallFault: Sendable {
        case refuse(RPCFailure)
        /// In a block, with this error.
        case fail(LedgerError)
        /// Only these statuses.
        case statuses([JSONValue])
        /// In a block, but the connection is lost before anybody is told.
        case applyAndDrop
        /// In a block, but nobody is told.
        case applySilently
    }

    package let chain: FakeChain
    let faults: Mutex<Faults>
    /// Requests so far, by method.
    package let asked = Mutex<[String: Int]>([:])
    /// Calls that came in, as bytes.
    package let submitted = Mutex<[[UInt8]]>([])
    private let server: WebSocketServer

    package var address: WebSocketAddress { WebSocketAddress(host: "127.0.0.1", port: server.port) }

    package init(_ chain: FakeChain, _ faults: Faults = Faults()) async throws {
        self.chain = chain
        self.faults = Mutex(faults)
        server = try await WebSocketServer(WebSocketServer.Configuration())
    }

    package func run() async throws {
        try await server.run(
            WebSocketServer.Service(
                admit: { _ in
                    self.faults.withLock { $0.isGone } ? .refuse(WebSocketReply(status: 503, text: "gone")) : .accept
                },
                serve: { _, socket in
                    let (drops, drop) = AsyncStream<Void>.makeStream()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await self.read(socket, drop) }
                        group.addTask { for await _ in drops { return } }
                        try await group.next()
                        group.cancelAll()
                    }
                }))
    }

    private func read(_ socket: WebSocket, _ drop: AsyncStream<Void>.Continuation) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var count = 0
            for try await message in socket.messages {
                guard case .text(let text) = message else { break }
                count += 1
                let faults = faults.withLock { $0 }
                if faults.isGone { break }
                if let limit = faults.dropsAfter, count > limit { break }
                let request = try JSONValue(parsing: text)
                group.addTask {
                    do {
                        try await FakeExchange(endpoint: self, socket: socket).answer(request)
                    } catch {
                        drop.yield()
                    }
                }
            }
            group.cancelAll()
        }
    }

    package func change(_ body: (inout Faults) -> Void) { faults.withLock { body(&$0) } }
    package func count(_ method: String) -> Int { asked.withLock { $0[method] ?? 0 } }

    /// Runs `body` with a ledger that knows these endpoints in this order.
    package static func with(
        _ endpoints: [FakeEndpoint], settings: ChainSettings = quick,
        _ body: @Sendable (ChainLedger) async throws -> Void
    ) async throws {
        var log = Logger(label: "test")
        log.logLevel = .critical
        let ledger = try ChainLedger(
            ordered: endpoints.map(\.address), settings: settings, clock: { FakeChain.time }, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for endpoint in endpoints { group.addTask { try await endpoint.run() } }
            group.addTask { await ledger.run() }
            defer { group.cancelAll() }
            try await body(ledger)
        }
    }

    /// Pauses that a test does not notice, patience that a busy machine does not use up.
    package static var quick: ChainSettings {
        var settings = ChainSettings()
        settings.attemptPause = .milliseconds(5)
        settings.backOff = .milliseconds(20) ... .milliseconds(100)
        settings.retryPause = .milliseconds(5) ... .milliseconds(50)
        settings.retryFor = .seconds(30)
        settings.answerTimeout = .seconds(30)
        settings.headSilence = .seconds(60)
        return settings
    }
}
