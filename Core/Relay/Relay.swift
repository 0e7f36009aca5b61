import Contracts
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import RMB
import Synchronization

/// A relay of messages for development and closed installations (docs/spec/rmb-relay.md sections 4 to 6, docs/relay.md).
///
/// Event loops only read and write. What may have to ask the ledger runs as tasks; `run()` is their parent.
public final class Relay: Sendable {
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let tls: NIOSSLContext?
    private let log: Logger
    private let clock: WallClock
    private let figures = RelayFigures()
    private let door: TokenDoor
    private let switchboard: Switchboard
    private let federation: Federation
    private let router: RelayRouter
    private let counts: Mutex<ConnectionCounts>
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let work: AsyncStream<RelayWork>
    private let submissions: AsyncStream<RelayWork>.Continuation

    /// - Parameter ledger: where twins, their keys and their relays are read.
    /// - Throws: `configuration` or `badCertificate`.
    public convenience init(
        configuration: Configuration, ledger: any Ledger, log: Logger = Logger(label: "relay"),
        clock: @escaping WallClock = UnixTime.now
    ) throws(RelayError) {
        let group = MultiThreadedEventLoopGroup.singleton
        try self.init(
            configuration: configuration, twins: LedgerTwins(ledger: ledger),
            transport: try RelayHTTPClient(group: group), log: log, clock: clock, group: group)
    }

    init(
        configuration: Configuration, twins: any TwinSource, transport: any RelayTransport, log: Logger,
        clock: @escaping WallClock, group: any EventLoopGroup
    ) throws(RelayError) {
        guard !configuration.names.isEmpty, configuration.names.allSatisfy(RelayNames.isName) else {
            throw RelayError(
                .configuration, "a relay needs the names that twins have it by on the ledger",
                hint: "host names of letters, digits, '-' and '.', without port")
        }
        self.configuration = configuration
        self.group = group
        self.log = log
        self.clock = clock
        tls = try configuration.certificate.map { (files) throws(RelayError) in try files.context() }
        let directory = RelayTwins(source: twins)
        door = TokenDoor(directory: directory, clock: clock)
        switchboard = Switchboard(configuration: configuration, figures: figures)
        federation = Federation(
            configuration: configuration, transport: transport, figures: figures, log: log, clock: clock)
        router = RelayRouter(
            configuration: configuration, directory: directory, switchboard: switchboard, federation: federation,
            figures: figures, clock: clock)
        counts = Mutex(
            ConnectionCounts(
                limit: configuration.connectionLimit, limitPerSource: configuration.connectionsPerSource))
        (work, submissions) = AsyncStream.makeStream(
            of: RelayWork.self, bufferingPolicy: .bufferingOldest(configuration.connectionLimit))
    }

    /// Starts to listen. Connections are served once `run()` runs.
    /// - Returns: the port.
    /// - Throws: `cannotListen`.
    public func listen() async throws(RelayError) -> Int {
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in self.initialize(channel) }
                .bind(to: SocketAddress(ipAddress: configuration.host, port: configuration.port)).get()
            track(channel)
            return channel.localAddress?.port ?? configuration.port
        } catch {
            throw RelayError(
                .cannotListen, "cannot listen at \(configuration.host) port \(configuration.port): \(error)")
        }
    }

    /// Works until the task is cancelled; then closes everything.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.serve() }
            group.addTask { await self.federation.run { self.router.report($1, of: $0.envelope, to: $0.sender) } }
            group.addTask { await self.sweep() }
        }
    }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            for await item in work {
                guard case .session(let address, let link) = item else {
                    group.addTask { await self.serve(item) }
                    continue
                }
                let session = PeerSession(
                    address, link, switchboard: switchboard, router: router, log: log, clock: clock)
                if let session { group.addTask { await session.run() } }
            }
            submissions.finish()
            switchboard.close()
            let channels = open.withLock { Array($0.values) }
            // Closed already is as good as closed now.
            for channel in channels { try? await channel.close() }
        }
    }

    private func serve(_ item: RelayWork) async {
        switch item {
        case .admission(let query, let pending): pending.answer(await door.admit(query))
        case .federated(let bytes, let source, let pending):
            pending.answer(await router.receive(bytes, from: source))
        case .figures(let pending):
            var reply = DoorReply(
                200, figures.text(occupancy: switchboard.occupancy, federating: federation.count))
            reply.contentType = "text/plain; version=0.0.4; charset=utf-8"
            pending.answer(reply)
        case .session(_, let link): link.close()
        }
    }

    /// Drops what is too old even where nobody comes to fetch it.
    private func sweep() async {
        while !Task.isCancelled {
            switchboard.expire(at: UInt64(clamping: clock().seconds))
            try? await Task.sleep(for: .seconds(60))  // Cancellation shows in the loop's condition.
        }
    }
}

// One connection, from its opening to its session.
extension Relay {
    /// Frames that one envelope may come in. Go peers write frames of 4 KiB.
    private static let frameLimit = 4096

    private func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
        let source = NetworkSource(channel.remoteAddress)
        guard counts.withLock({ $0.admit(source) }) else {
            figures.countConnection("too_many")
            return channel.close()
        }
        track(channel)
        channel.closeFuture.whenComplete { _ in self.counts.withLock { $0.closed(source) } }
        let handshake = Handshake()
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: RelayEnvelope.sizeLimit,
            shouldUpgrade: { channel, head in self.admit(head, on: channel, handshake) },
            upgradePipelineHandler: { channel, _ in self.connect(channel, handshake) })
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls = self.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
            let door = DoorHandler(
                handshake: handshake, bodyLimit: RelayEnvelope.sizeLimit,
                timeout: TimeAmount(self.configuration.requestTimeout)
            ) { self.submit($0) }
            let bound = NIOLoopBound(door, eventLoop: channel.eventLoop)
            try pipeline.configureHTTPServerPipeline(
                withServerUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                    }
                ))
            try pipeline.addHandler(door)
        }
    }

    private func admit(
        _ head: HTTPRequestHead, on channel: any Channel, _ handshake: Handshake
    ) -> EventLoopFuture<HTTPHeaders?> {
        let promise = channel.eventLoop.makePromise(of: TokenDoor.Admission.self)
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        submit(
            .admission(
                query: parts.count == 2 ? String(parts[1]) : nil, Pending(promise, otherwise: .refused(.busy))))
        return promise.futureResult.map { admission in
            handshake.settle(admission)
            switch admission {
            case .admitted:
                self.figures.countConnection("accepted")
                return [:]
            case .refused(let reply):
                self.figures.countConnection("\(reply.status)")
                return nil
            }
        }
    }

    private func connect(_ channel: any Channel, _ handshake: Handshake) -> EventLoopFuture<Void> {
        guard let address = handshake.admitted else { return channel.close() }
        let (messages, output) = AsyncStream.makeStream(of: PeerLink.Message.self)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let handler = PeerHandler(output: output)
            try pipeline.addHandler(IdleStateHandler(readTimeout: TimeAmount(self.configuration.idleTimeout)))
            try pipeline.addHandler(
                NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: Self.frameLimit,
                    maxAccumulatedFrameSize: RelayEnvelope.sizeLimit))
            try pipeline.addHandler(handler)
            let context = NIOLoopBound(
                (handler, try pipeline.context(handler: handler)), eventLoop: channel.eventLoop)
            let loop = channel.eventLoop
            self.submit(
                .session(
                    address,
                    PeerLink(channel: channel, messages: messages) {
                        loop.execute {
                            let (handler, context) = context.value
                            handler.dealtWith(context)
                        }
                    }))
        }
    }

    private func submit(_ item: RelayWork) {
        if case .enqueued = submissions.yield(item) { return }
        if case .session(_, let link) = item { link.close() }
    }

    private func track(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in _ = self.open.withLock { $0.removeValue(forKey: id) } }
    }
}
