import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// Opens WebSockets.
public struct WebSocketClient: Sendable {
    public var settings: WebSocketSettings
    /// For name look-up, connection, TLS and upgrade together.
    public var connectTimeout: Duration = .seconds(12)
    /// Certificates (a PEM file) that are trusted instead of the system's, for closed installations.
    public var trustedCertificates: String?
    /// Sent with the upgrade request.
    public var headers: [(name: String, value: String)] = []
    private let group: any EventLoopGroup

    public init(
        settings: WebSocketSettings = WebSocketSettings(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.settings = settings
        self.group = group
    }

    /// Opens a WebSocket, runs `body` with it and closes it when `body` returns or throws.
    ///
    /// - Throws: `WebSocketError` (`unreachable`, `refused`) when it cannot be opened, `CancellationError`, and what
    ///   `body` throws.
    public func connect<Result: Sendable>(
        to address: WebSocketAddress, _ body: @Sendable (WebSocket) async throws -> Result
    ) async throws -> Result {
        try await WebSocket.serve(try await open(address), body)
    }

    private enum Opened: Sendable {
        case socket(MessageChannel)
        case refused(EventLoopFuture<WebSocketError>)
    }

    private func open(_ address: WebSocketAddress) async throws -> MessageChannel {
        let tls = try address.isSecure ? context() : nil
        let attempt = Attempt()
        do {
            return try await withTaskCancellationHandler {
                let upgrade = try await ClientBootstrap(group: group)
                    .connectTimeout(TimeAmount(connectTimeout))
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .connect(host: address.host, port: address.port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            attempt.begin(channel, timeout: TimeAmount(connectTimeout))
                            return try prepare(channel, address, tls)
                        }
                    }
                let opened = try await upgrade.get()
                switch opened {
                case .socket(let channel):
                    attempt.end()
                    return channel
                case .refused(let reason): throw try await reason.get()
                }
            } onCancel: {
                attempt.cancel()
            }
        } catch {
            attempt.cancel()
            if Task.isCancelled { throw CancellationError() }
            if let error = error as? WebSocketError { throw error }
            let why = attempt.isLate ? "no answer within \(connectTimeout)" : "\(error)"
            throw WebSocketError(.unreachable, "\(address) cannot be reached: \(why)")
        }
    }

    private func prepare(
        _ channel: any Channel, _ address: WebSocketAddress, _ tls: NIOSSLContext?
    ) throws -> EventLoopFuture<Opened> {
        if let tls {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: address.isAddress ? nil : address.host))
        }
        let settings = settings
        let upgrader = NIOTypedWebSocketClientUpgrader<Opened>(
            maxFrameSize: settings.messageLimit, enableAutomaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                .socket(try WebSocket.channel(channel, as: .client, settings: settings))
            }
        }
        var headers = HTTPHeaders([("Host", address.authority), ("Content-Length", "0")])
        for header in self.headers { headers.add(name: header.name, value: header.value) }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: address.target, headers: headers),
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let promise = channel.eventLoop.makePromise(of: WebSocketError.self)
                        try channel.pipeline.syncOperations.addHandler(RefusalReader(address, promise))
                        return .refused(promise.futureResult)
                    }
                }))
        // The server may speak right behind its answer.
        configuration.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
    }

    private func context() throws(WebSocketError) -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let trustedCertificates { configuration.trustRoots = .file(trustedCertificates) }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw WebSocketError(.unreachable, "the certificates to trust cannot be read: \(error)")
        }
    }
}

/// The channel of a connection that is being opened: closed when that takes too long or is given up.
private final class Attempt: Sendable {
    private struct State {
        var channel: (any Channel)?
        var timer: Scheduled<Void>?
        var isCancelled = false
        var isLate = false
    }

    private let state = Mutex(State())

    var isLate: Bool { state.withLock { $0.isLate } }

    func begin(_ channel: any Channel, timeout: TimeAmount) {
        let timer = channel.eventLoop.scheduleTask(in: timeout) {
            self.state.withLock { $0.isLate = true }
            channel.close(promise: nil)
        }
        let isCancelled = state.withLock { state in
            state.channel = channel
            state.timer?.cancel()
            state.timer = timer
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    func end() { state.withLock { $0.timer?.cancel() } }

    func cancel() {
        let channel = state.withLock { state in
            state.isCancelled = true
            state.timer?.cancel()
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
