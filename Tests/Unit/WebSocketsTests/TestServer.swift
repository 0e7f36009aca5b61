import WebSockets

/// A server of one test on a port of its own.
struct TestServer: Sendable {
    let address: WebSocketAddress

    /// Sends back what it gets.
    static let echo = WebSocketServer.Service { _, socket in
        for try await message in socket.messages { try await socket.send(message) }
    }

    static func with(
        _ configuration: WebSocketServer.Configuration = WebSocketServer.Configuration(),
        service: WebSocketServer.Service = echo, _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let server = try await WebSocketServer(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(service) }
            defer { group.cancelAll() }
            try await body(TestServer(address: WebSocketAddress(host: "127.0.0.1", port: server.port)))
        }
    }
}
