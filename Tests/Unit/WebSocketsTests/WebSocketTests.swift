import NIOCore
import NIOPosix
import Testing

@testable import WebSockets

@Suite("WebSocket", .timeLimit(.minutes(3)))
struct WebSocketTests {
    @Test("carries text and bytes both ways, empty and long")
    func echo() async throws {
        let messages: [WebSocketMessage] = [
            .text("hello"), .binary([]), .text(""), .binary([UInt8](repeating: 7, count: 300_000)), .text("grüße"),
        ]
        try await TestServer.with { server in
            let received = try await WebSocketClient().connect(to: server.address) { socket in
                var received: [WebSocketMessage] = []
                var incoming = socket.messages.makeAsyncIterator()
                for message in messages {
                    try await socket.send(message)
                    if let answer = try await incoming.next() { received.append(answer) }
                }
                return received
            }
            #expect(received == messages)
        }
    }

    @Test("takes a message of 16 MiB, as metadata may be, and none longer than the limit")
    func longMessages() async throws {
        let service = WebSocketServer.Service { request, socket in
            let count = request.path == "/long" ? (16 << 20) + 1 : 16 << 20
            try await socket.send(.binary([UInt8](repeating: 7, count: count)))
            for try await _ in socket.messages {}
        }
        try await TestServer.with(service: service) { server in
            let first = try await WebSocketClient().connect(to: server.address) { socket in
                var incoming = socket.messages.makeAsyncIterator()
                return try await incoming.next()
            }
            guard case .binary(let bytes)? = first else { return #expect(first == .binary([])) }
            #expect(bytes.count == 16 << 20 && bytes.last == 7)
            let long = WebSocketAddress(host: "127.0.0.1", port: server.address.port, target: "/long")
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient().connect(to: long) { socket in for try await _ in socket.messages {} }
            }
            #expect(error?.code == .tooLong)
        }
    }

    @Test("opens with TLS only if it trusts the certificate")
    func tls() async throws {
        let file = try TestCertificate.write()
        defer { TestCertificate.remove(file) }
        var configuration = WebSocketServer.Configuration()
        configuration.tls = TestCertificate.tls
        try await TestServer.with(configuration) { server in
            let address = WebSocketAddress(host: "localhost", port: server.address.port, isSecure: true)
            var client = WebSocketClient()
            await #expect(throws: WebSocketError.self) { try await client.connect(to: address) { _ in } }
            client.trustedCertificates = file
            let answer = try await client.connect(to: address) { socket in
                try await socket.send(.text("secret"))
                var incoming = socket.messages.makeAsyncIterator()
                return try await incoming.next()
            }
            #expect(answer == .text("secret"))
        }
    }

    @Test("hands over headers and query, and tells the status of a refusal")
    func refusal() async throws {
        let service = WebSocketServer.Service(
            admit: { request in
                guard request.header("x-key") == "k", request.query == "token", request.path == "/a" else {
                    return .refuse(WebSocketReply(status: 401, text: "bad token\n"))
                }
                return .accept
            },
            serve: { _, socket in
                try await socket.send(.text("welcome"))
                for try await _ in socket.messages {}
            })
        try await TestServer.with(service: service) { server in
            var client = WebSocketClient()
            let address = WebSocketAddress(host: "127.0.0.1", port: server.address.port, target: "/a?token")
            let error = await #expect(throws: WebSocketError.self) { try await client.connect(to: address) { _ in } }
            #expect(error?.code == .refused(status: 401))
            #expect(error?.message.contains("bad token") == true)
            client.headers = [("X-Key", "k")]
            let received = try await client.connect(to: address) { socket in
                var incoming = socket.messages.makeAsyncIterator()
                return try await incoming.next()
            }
            #expect(received == .text("welcome"))
        }
    }

    @Test("answers plain requests beside it, with a bounded body")
    func plain() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.bodyLimit = 8
        let service = WebSocketServer.Service(
            answer: { WebSocketReply(status: 202, text: "\($0.method) \($0.target) \($0.body.count)") },
            serve: { _, _ in })
        try await TestServer.with(configuration, service: service) { server in
            let port = server.address.port
            let answer = try await RawPeer.exchange(
                "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", port)
            #expect(answer.hasPrefix("HTTP/1.1 202 ") && answer.hasSuffix("POST /x?y 3"))
            let refused = try await RawPeer.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789", port)
            #expect(refused.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("gives up on a server that never answers the handshake")
    func deafServer() async throws {
        try await RawPeer.listening { _ in
        } body: { port in
            var client = WebSocketClient()
            client.connectTimeout = .milliseconds(200)
            let error = await #expect(throws: WebSocketError.self) {
                try await client.connect(to: WebSocketAddress(host: "127.0.0.1", port: port)) { _ in }
            }
            #expect(error?.code == .unreachable)
        }
    }

    @Test("ends when the other end falls silent")
    func silence() async throws {
        var client = WebSocketClient()
        client.settings.pingAfter = .milliseconds(50)
        client.settings.deadAfter = .milliseconds(200)
        let impatient = client
        try await RawPeer.listening {
            $0.isUpgrading = true
        } body: { port in
            let error = await #expect(throws: WebSocketError.self) {
                try await impatient.connect(to: WebSocketAddress(host: "127.0.0.1", port: port)) { socket in
                    for try await _ in socket.messages {}
                }
            }
            #expect(error?.code == .silent)
        }
    }

    @Test("cancelling the task ends it")
    func cancelling() async throws {
        let service = WebSocketServer.Service { _, socket in for try await _ in socket.messages {} }
        try await TestServer.with(service: service) { server in
            let address = server.address
            await withThrowingTaskGroup(of: Void.self) { group in
                let (opened, continuation) = AsyncStream<Void>.makeStream()
                group.addTask {
                    try await WebSocketClient().connect(to: address) { socket in
                        continuation.yield()
                        for try await _ in socket.messages {}
                    }
                }
                for await _ in opened { break }
                group.cancelAll()
            }
        }
    }
}
