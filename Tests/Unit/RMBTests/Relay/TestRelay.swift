import Synchronization
import Testing
import WebSockets

@testable import RMB

/// The least of a relay: lets in by token, hands envelopes to the session that they name. What it does to them a test can
/// say.
final class TestRelay: Sendable {
    /// What becomes of an envelope.
    enum Fate: Sendable {
        case deliver
        case drop
        /// Handed back to the sender instead.
        case answer(RelayEnvelope)
        /// Delivered like this instead.
        case replace([RelayEnvelope])
    }

    private struct State {
        var sessions: [RelayAddress: WebSocket] = [:]
        var tokens: [RelayToken] = []
        var queries: [String] = []
        var passed: [RelayEnvelope] = []
        var rule: @Sendable (RelayEnvelope) -> Fate = { _ in .deliver }
    }

    private let state = Mutex(State())
    let address: WebSocketAddress
    private let server: WebSocketServer

    private init(_ server: WebSocketServer) {
        self.server = server
        address = WebSocketAddress(host: "127.0.0.1", port: server.port)
    }

    /// Runs the body while the relay serves.
    /// - Parameter port: 0 for a free one.
    static func run<Result>(port: Int = 0, _ body: (TestRelay) async throws -> Result) async throws -> Result {
        var configuration = WebSocketServer.Configuration()
        configuration.port = port
        let relay = TestRelay(try await WebSocketServer(configuration))
        let task = Task { try await relay.serve() }
        do {
            let result = try await body(relay)
            task.cancel()
            try await task.value
            return result
        } catch {
            task.cancel()
            _ = try? await task.value  // The body's error says more.
            throw error
        }
    }

    var passed: [RelayEnvelope] { state.withLock { $0.passed } }
    var tokens: [RelayToken] { state.withLock { $0.tokens } }
    var queries: [String] { state.withLock { $0.queries } }
    func isConnected(_ address: RelayAddress) -> Bool { state.withLock { $0.sessions[address] != nil } }
    func rule(_ rule: @escaping @Sendable (RelayEnvelope) -> Fate) { state.withLock { $0.rule = rule } }

    /// Sends something to a session, whatever it is.
    func send(_ message: WebSocketMessage, to address: RelayAddress) async throws {
        // A peer knows of its connection a little earlier than we do.
        try await eventually { isConnected(address) }
        let socket = try #require(state.withLock { $0.sessions[address] })
        try await socket.send(message)
    }

    func send(_ envelope: RelayEnvelope, to address: RelayAddress) async throws {
        try await send(.binary(envelope.encoded), to: address)
    }

    private func serve() async throws {
        try await server.run(
            .init { request, socket in
                let query = request.query ?? ""
                guard let token = try? RelayToken(parsing: query) else { return }
                self.state.withLock { state in
                    state.queries.append(query)
                    state.tokens.append(token)
                    state.sessions[token.address] = socket
                }
                defer { _ = self.state.withLock { $0.sessions.removeValue(forKey: token.address) } }
                for try await message in socket.messages {
                    guard case .binary(let bytes) = message else { return }
                    try await self.route(RelayEnvelope(parsing: bytes), from: token.address)
                }
            })
    }

    private func route(_ envelope: RelayEnvelope, from sender: RelayAddress) async throws {
        let rule = state.withLock { state in
            state.passed.append(envelope)
            return state.rule
        }
        switch rule(envelope) {
        case .drop: break
        case .deliver: await deliver(envelope)
        case .answer(let answer): try await send(answer, to: sender)
        case .replace(let others): for other in others { await deliver(other) }
        }
    }

    private func deliver(_ envelope: RelayEnvelope) async {
        guard let destination = envelope.destination, let socket = state.withLock({ $0.sessions[destination] }) else {
            return
        }
        try? await socket.send(.binary(envelope.encoded))  // Whoever is gone misses it.
    }
}
