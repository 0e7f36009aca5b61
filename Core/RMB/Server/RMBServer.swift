import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Signatures
import Synchronization

/// The bus of one twin over plain HTTP: takes in signed requests and replies, answers what the router serves
/// (`docs/spec/rmb-direct.md`).
///
/// Event loops only read and write. Parsing, verification, handlers and signing run as tasks; `run()` is their parent.
public final class RMBServer: Sendable {
    /// The loop that buses and their connections share unless they are given another one. Lives as long as the process.
    public static let sharedLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let responder: Responder
    private let limits: SourceLimits
    private let log: Logger
    private let exchanges: AsyncStream<Exchange>
    private let submissions: AsyncStream<Exchange>.Continuation
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let underWay = Atomic<Int>(0)

    /// - Parameter group: by default one loop for all buses of the process: reading and writing are a small part of the
    ///   work, and every further loop costs wake-ups.
    public init(
        configuration: Configuration = Configuration(), services: Services,
        group: any EventLoopGroup = RMBServer.sharedLoop
    ) {
        self.configuration = configuration
        self.group = group
        log = services.log
        limits = SourceLimits(configuration)
        responder = Responder(configuration: configuration, services: services)
        (exchanges, submissions) = AsyncStream.makeStream(
            of: Exchange.self, bufferingPolicy: .bufferingOldest(configuration.requestLimit))
    }

    /// Starts to listen. Requests are answered once `run()` runs.
    /// - Returns: the addresses, in the order of the configuration.
    /// - Throws: `configuration` if one of them cannot be had; then none stays open.
    public func listen() async throws(RMBError) -> [PeerAddress] {
        var addresses: [PeerAddress] = []
        for listener in configuration.listeners {
            do {
                let channel = try await listen(at: listener)
                if let host = channel.localAddress?.ipAddress, let port = channel.localAddress?.port {
                    addresses.append(PeerAddress(host: host, port: port))
                }
            } catch {
                await close()
                throw RMBError(.configuration, "cannot listen at \(listener): \(error)")
            }
        }
        return addresses
    }

    /// Answers requests until the task is cancelled; then closes everything and waits for what is under way.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await exchange in exchanges {
                group.addTask {
                    await self.responder.serve(exchange)
                    self.underWay.subtract(1, ordering: .relaxed)
                }
            }
            await close()
        }
    }

    private func close() async {
        submissions.finish()
        let channels = open.withLock { open in
            defer { open = [:] }
            return open.values.map { $0 }
        }
        for channel in channels {
            // Closed already is as good as closed now.
            try? await channel.close()
        }
    }

    private func listen(at listener: Configuration.Listener) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in self.initialize(channel) }
        let channel: any Channel
        switch listener {
        case .descriptor(let descriptor): channel = try await bootstrap.withBoundSocket(descriptor).get()
        case .address(let host, let port):
            let address = try SocketAddress(ipAddress: host, port: port)
            channel = try await Self.alone(bootstrap, address).bind(to: address).get()
        case .laterAddress(let host, let port):
            let address = try SocketAddress(ipAddress: host, port: port)
            channel = try await Self.alone(bootstrap, address)
                .serverChannelOption(
                    ChannelOptions.Types.SocketOption(level: .ipv6, name: .init(rawValue: Self.freeBind)), value: 1
                )
                .bind(to: address).get()
        }
        track(channel)
        return channel
    }

    /// `IPV6_FREEBIND` (ipv6(7)), which Glibc's module does not have.
    private static let freeBind: CInt = 78

    /// The IPv4 listener beside an IPv6 one has a socket of its own.
    private static func alone(_ bootstrap: ServerBootstrap, _ address: SocketAddress) -> ServerBootstrap {
        guard case .v6 = address else { return bootstrap }
        return bootstrap.serverChannelOption(
            ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 1)
    }

    private func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
        track(channel)
        return channel.eventLoop.makeCompletedFuture {
            // Answers are written as bytes by the handler itself: of NIO's HTTP pipeline only the parser is needed.
            try channel.pipeline.syncOperations.addHandler(
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
            try channel.pipeline.syncOperations.addHandler(
                ConnectionHandler(configuration: self.configuration, limits: self.limits) { self.submit($0) })
        }
    }

    private func track(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in _ = self.open.withLock { $0.removeValue(forKey: id) } }
    }

    private func submit(_ exchange: Exchange) {
        let count = underWay.add(1, ordering: .relaxed).newValue
        if count <= configuration.requestLimit, case .enqueued = submissions.yield(exchange) { return }
        underWay.subtract(1, ordering: .relaxed)
        exchange.respond(.refused(Responder.queueFull))
    }
}
