import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A door for WebSockets, and for plain HTTP requests beside them. `run` is the parent of all that it serves.
public struct WebSocketServer: Sendable {
    /// Limits of the door.
    public struct Configuration: Sendable {
        public var host = "127.0.0.1"
        /// 0 for one that the system chooses.
        public var port = 0
        /// A socket that listens already, instead of host and port. The server takes it over.
        public var descriptor: Int32?
        public var tls: TLS?
        public var settings = WebSocketSettings()
        /// Connections at a time; one more is closed at once.
        public var connectionLimit = 1_024
        /// Longest body of a plain request in bytes.
        public var bodyLimit = 1 << 20
        /// How long a connection may take to ask for something, with TLS and all.
        public var requestTimeout: Duration = .seconds(10)

        public init() {}
    }

    /// Certificate chain and key, as the contents of PEM files.
    public struct TLS: Sendable {
        public let certificates: [UInt8]
        public let privateKey: [UInt8]

        public init(certificates: [UInt8], privateKey: [UInt8]) {
            self.certificates = certificates
            self.privateKey = privateKey
        }
    }

    /// What becomes of a request for a WebSocket.
    public enum Verdict: Sendable {
        case accept
        case refuse(WebSocketReply)
    }

    /// What the door leads to.
    public struct Service: Sendable {
        let admit: @Sendable (WebSocketRequest) async -> Verdict
        let serve: @Sendable (WebSocketRequest, WebSocket) async throws -> Void
        let answer: @Sendable (WebSocketRequest) async -> WebSocketReply

        /// - Parameters:
        ///   - admit: says whether a request gets its WebSocket.
        ///   - answer: answers requests that want none.
        ///   - serve: lives with a WebSocket; it is closed when this returns or throws.
        public init(
            admit: @escaping @Sendable (WebSocketRequest) async -> Verdict = { _ in .accept },
            answer: @escaping @Sendable (WebSocketRequest) async -> WebSocketReply = { _ in
                WebSocketReply(status: 404, text: "page not found\n")
            },
            serve: @escaping @Sendable (WebSocketRequest, WebSocket) async throws -> Void
        ) {
            self.admit = admit
            self.answer = answer
            self.serve = serve
        }
    }

    private let configuration: Configuration
    private let door: Door
    private let listener: NIOAsyncChannel<EventLoopFuture<Door.Entry>, Never>

    /// The port that it listens on.
    public var port: Int { listener.channel.localAddress?.port ?? 0 }

    /// Begins to listen; connections are served by `run`, which must be called once.
    /// - Throws: `WebSocketError` naming the address.
    public init(
        _ configuration: Configuration, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(WebSocketError) {
        self.configuration = configuration
        do {
            let door = try Door(configuration)
            self.door = door
            let bootstrap = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            let prepare: @Sendable (any Channel) -> EventLoopFuture<EventLoopFuture<Door.Entry>> = { channel in
                channel.eventLoop.makeCompletedFuture { try door.prepare(channel) }
            }
            if let descriptor = configuration.descriptor {
                listener = try await bootstrap.bind(descriptor, childChannelInitializer: prepare)
            } else {
                listener = try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: configuration.host, port: configuration.port, childChannelInitializer: prepare)
            }
        } catch {
            throw WebSocketError(
                .unreachable,
                configuration.descriptor.map { "cannot listen on descriptor \($0): \(error)" }
                    ?? "cannot listen on \(configuration.host) port \(configuration.port): \(error)")
        }
    }

    /// Serves until the task is cancelled or the socket fails.
    public func run(_ service: Service) async throws {
        do {
            try await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask {
                        await withDiscardingTaskGroup { decisions in
                            for await question in door.questions {
                                decisions.addTask { question.promise.succeed(await service.admit(question.request)) }
                            }
                        }
                        door.close()
                    }
                    for try await entry in connections {
                        group.addTask { await enter(entry, service) }
                    }
                    group.cancelAll()
                }
            }
        } catch is CancellationError {}
        door.close()
    }

    private func enter(_ entry: EventLoopFuture<Door.Entry>, _ service: Service) async {
        // Whatever a single connection runs into is its own affair: it is closed, and the server goes on.
        guard let entry = try? await entry.get() else { return }
        switch entry {
        case .socket(let channel, let request):
            try? await WebSocket.serve(channel) { try await service.serve(request, $0) }
        case .plain(let channel, let refusal):
            let exchange = PlainExchange(channel: channel, bodyLimit: configuration.bodyLimit)
            if let refusal {
                try? await exchange.refuse(refusal)
            } else {
                try? await exchange.run(service.answer)
            }
        }
    }
}
