import NIOCore
import NIOHTTP1

/// Reads the requests of one connection and writes their answers, all on the connection's event loop. What it reads is
/// bounded in bytes, time and number; everything else happens elsewhere.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle
        case reading(path: String, keepsAlive: Bool, body: [UInt8])
        /// Answered before its end; the rest is thrown away.
        case refused
        /// With the server.
        case waiting(keepsAlive: Bool)
        case closing
    }

    private static let checkInterval = TimeAmount.seconds(1)

    private let configuration: RMBServer.Configuration
    private let limits: SourceLimits
    private let submit: @Sendable (Exchange) -> Void
    private var state = State.idle
    private var source: SourceLimits.Source?
    private var deadline = NIODeadline.distantFuture
    private var check: RepeatedTask?

    init(
        configuration: RMBServer.Configuration, limits: SourceLimits, submit: @escaping @Sendable (Exchange) -> Void
    ) {
        self.configuration = configuration
        self.limits = limits
        self.submit = submit
    }

    func channelActive(context: ChannelHandlerContext) {
        let source = SourceLimits.Source(context.remoteAddress)
        guard limits.admitConnection(from: source, at: .now()) else { return context.close(promise: nil) }
        self.source = source
        deadline = .now() + TimeAmount(configuration.requestTimeout)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        check = context.eventLoop.scheduleRepeatedTask(
            initialDelay: Self.checkInterval, delay: Self.checkInterval
        ) { _ in
            let (handler, context) = bound.value
            if handler.deadline <= .now() { context.close(promise: nil) }
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        if let source { limits.connectionClosed(from: source) }
        source = nil
        state = .closing
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context: context)
        case .body(let buffer): append(buffer, context: context)
        case .end: finish(context: context)
        }
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard case .idle = state, let source else { return }
        deadline = .now() + TimeAmount(configuration.requestTimeout)
        guard limits.admitRequest(from: source, at: .now()) else {
            return refuse(RMBError(.tooMany, "too many requests, slow down", isRetryable: true), context: context)
        }
        let length = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
        guard length <= configuration.bodyLimit else { return refuseLength(context: context) }
        // The Host header is not looked at: the reference writes IPv6 addresses into it without brackets.
        let path = String(head.uri.prefix { $0 != "?" })
        var body: [UInt8] = []
        body.reserveCapacity(max(0, length))
        state = .reading(path: path, keepsAlive: head.isKeepAlive, body: body)
    }

    private func append(_ buffer: ByteBuffer, context: ChannelHandlerContext) {
        guard case .reading(let path, let keepsAlive, var body) = state else { return }
        state = .refused
        guard body.count + buffer.readableBytes <= configuration.bodyLimit else {
            return refuseLength(context: context)
        }
        body.append(contentsOf: buffer.readableBytesView)
        state = .reading(path: path, keepsAlive: keepsAlive, body: body)
    }

    private func finish(context: ChannelHandlerContext) {
        guard case .reading(let path, let keepsAlive, let body) = state else { return }
        state = .waiting(keepsAlive: keepsAlive)
        deadline = .distantFuture
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        submit(
            Exchange(path: path, body: body) { reply in
                loop.execute {
                    let (handler, context) = bound.value
                    handler.respond(reply, context: context)
                }
            })
    }

    private func respond(_ reply: HTTPReply, context: ChannelHandlerContext) {
        guard case .waiting(let keepsAlive) = state else { return }
        state = .idle
        deadline = .now() + TimeAmount(configuration.idleTimeout)
        write(reply, keepsAlive: keepsAlive && !reply.closesConnection, context: context)
    }

    private func refuseLength(context: ChannelHandlerContext) {
        refuse(
            RMBError(.tooLarge, "message is larger than \(configuration.bodyLimit) bytes"), context: context)
    }

    /// Answers before the request ended; nothing more is read from this connection.
    private func refuse(_ error: RMBError, context: ChannelHandlerContext) {
        state = .refused
        write(.refused(error), keepsAlive: false, context: context)
    }

    private func write(_ reply: HTTPReply, keepsAlive: Bool, context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: reply.contentType)
        headers.add(name: "Content-Length", value: String(reply.body.count))
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: Int(reply.status))
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        guard !keepsAlive else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        if case .refused = state {} else { state = .closing }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
