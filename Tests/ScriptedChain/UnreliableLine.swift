import Synchronization
import WebSockets

/// A line to a real endpoint that breaks after so many messages, again and again, also between a question and its answer.
package final class UnreliableLine: Sendable {
    private let server: WebSocketServer
    private let target: WebSocketAddress
    private let messages: Int
    private let count = Mutex(0)

    package var address: WebSocketAddress { WebSocketAddress(host: "127.0.0.1", port: server.port) }
    /// How often it broke.
    package var breaks: Int { count.withLock { $0 } }

    /// - Parameter messages: how many pass in both directions before it breaks.
    package init(to target: WebSocketAddress, breaksAfter messages: Int) async throws {
        self.target = target
        self.messages = messages
        server = try await WebSocketServer(WebSocketServer.Configuration())
    }

    package func run() async throws {
        try await server.run(
            WebSocketServer.Service { _, near in
                try await WebSocketClient(settings: WebSocketSettings(messageLimit: 64 << 20)).connect(
                    to: self.target
                ) { far in
                    let left = Countdown(self.messages)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await Self.pass(from: near, to: far, left) }
                        group.addTask { try await Self.pass(from: far, to: near, left) }
                        defer { group.cancelAll() }
                        try await group.next()
                    }
                    self.count.withLock { $0 += 1 }
                }
            })
    }

    private static func pass(from: WebSocket, to: WebSocket, _ left: Countdown) async throws {
        for try await message in from.messages {
            guard left.passes() else { return }
            try await to.send(message)
        }
    }

    private final class Countdown: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        func passes() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }
}
