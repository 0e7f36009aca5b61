import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import Synchronization

/// Prepares the connections of a server and counts them.
final class Door: Sendable {
    /// A connection whose first request is known.
    enum Entry: Sendable {
        case socket(MessageChannel, WebSocketRequest)
        case plain(NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>, refusal: WebSocketReply?)
    }

    /// A request that waits for its verdict.
    struct Question: Sendable {
        let request: WebSocketRequest
        let promise: EventLoopPromise<WebSocketServer.Verdict>
    }

    let questions: AsyncStream<Question>
    private let asking: AsyncStream<Question>.Continuation
    private let configuration: WebSocketServer.Configuration
    private let tls: NIOSSLContext?
    private let open = Mutex(0)

    init(_ configuration: WebSocketServer.Configuration) throws {
        self.configuration = configuration
        tls = try configuration.tls.map { tls in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: NIOSSLCertificate.fromPEMBytes(tls.certificates).map { .certificate($0) },
                    privateKey: .privateKey(NIOSSLPrivateKey(bytes: tls.privateKey, format: .pem))))
        }
        (questions, asking) = AsyncStream.makeStream()
    }

    /// Nobody decides any more: who asks from now on is sent away.
    func close() { asking.finish() }

    func prepare(_ channel: any Channel) throws -> EventLoopFuture<Entry> {
        let isFree = open.withLock { open in
            guard open < configuration.connectionLimit else { return false }
            open += 1
            return true
        }
        guard isFree else { throw WebSocketError(.refused(status: 503), "too many connections") }
        channel.closeFuture.whenComplete { _ in self.open.withLock { $0 -= 1 } }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.requestTimeout)) {
            channel.close(promise: nil)
        }
        if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
        let refusal = NIOLoopBoundBox<WebSocketReply?>(nil, eventLoop: channel.eventLoop)
        let settings = configuration.settings
        let upgrader = NIOTypedWebSocketServerUpgrader<Entry>(
            maxFrameSize: settings.messageLimit, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                self.ask(channel, head).map { verdict in
                    switch verdict {
                    case .accept: return HTTPHeaders()
                    case .refuse(let reply):
                        refusal.value = reply
                        return nil
                    }
                }
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    .socket(
                        try WebSocket.channel(channel, as: .server, settings: settings),
                        WebSocketRequest(head, peer: channel.remoteAddress?.ipAddress))
                }
            })
        let upgrade = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: NIOUpgradableHTTPServerPipelineConfiguration(
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        channel.eventLoop.makeCompletedFuture {
                            .plain(
                                try NIOAsyncChannel(wrappingChannelSynchronously: channel), refusal: refusal.value)
                        }
                    })))
        upgrade.whenComplete { result in
            // A plain request is only at its beginning: its body has to come in the same time.
            if case .success(.socket) = result { timer.cancel() }
        }
        return upgrade
    }

    private func ask(_ channel: any Channel, _ head: HTTPRequestHead) -> EventLoopFuture<WebSocketServer.Verdict> {
        let promise = channel.eventLoop.makePromise(of: WebSocketServer.Verdict.self)
        let request = WebSocketRequest(head, peer: channel.remoteAddress?.ipAddress)
        if case .enqueued = asking.yield(Question(request: request, promise: promise)) {
        } else {
            promise.succeed(.refuse(WebSocketReply(status: 503, text: "shutting down\n")))
        }
        return promise.futureResult
    }
}

extension WebSocketRequest {
    init(_ head: HTTPRequestHead, peer: String?, body: [UInt8] = []) {
        target = head.uri
        method = head.method.rawValue
        headers = head.headers.map { ($0.name, $0.value) }
        self.peer = peer
        self.body = body
    }
}
