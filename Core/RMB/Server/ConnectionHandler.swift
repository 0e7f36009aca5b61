import NIOCore
import NIOHTTP1

/// Reads the requests of one connection and writes their answers, all on the connection's event loop. What it reads is
/// bounded in bytes, time and number; everything else happens elsewhere.
///
/// One request at a time: while the server has one, what comes behind it waits here, up to the limit of one body.
/// (Not reading from the socket meanwhile would cost two system calls for every request.)
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

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
    /// How long a refused peer may go on sending into nothing.
    private static let lingering = TimeAmount.seconds(2)

    private let configuration: RMBServer.Configuration
    private let limits: SourceLimits
    private let submit: @Sendable (Exchange) -> Void
    private var state = State.idle
    private var source: NetworkSource?
    private var deadline = NIODeadline.distantFuture
    private var check: RepeatedTask?
    /// Parts of further requests that came before the answer to the one that the server has.
    private var early: [HTTPServerRequestPart] = []
    private var earlyBytes = 0

    init(
        configuration: RMBServer.Configuration, limits: SourceLimits, submit: @escaping @Sendable (Exchange) -> Void
    ) {
        self.configuration = configuration
        self.limits = limits
        self.submit = submit
    }

    func channelActive(context: ChannelHandlerContext) {
        let source = NetworkSource(context.remoteAddress)
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .idle where error is HTTPParserError, .reading where error is HTTPParserError:
            refuse(RMBError(.malformed, "this is not HTTP"), context: context)
        default: context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard case .waiting = state else { return take(part, context: context) }
        early.append(part)
        // A part without bytes counts as well: it holds memory too.
        earlyBytes += 256
        if case .body(let buffer) = part { earlyBytes += buffer.readableBytes }
        if earlyBytes > configuration.bodyLimit { context.close(promise: nil) }
    }

    private func take(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch part {
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
        takeEarly(context: context)
    }

    private func takeEarly(context: ChannelHandlerContext) {
        guard !early.isEmpty else { return }
        let parts = early
        early = []
        earlyBytes = 0
        for part in parts { channelRead(context: context, data: NIOAny(part)) }
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
        var buffer = context.channel.allocator.buffer(capacity: reply.body.count + 160)
        buffer.writeString(reply.head(keepsAlive: keepsAlive))
        buffer.writeBytes(reply.body)
        guard !keepsAlive else { return context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
        // A peer that is still sending would not read the answer if the connection were reset under it: only our side
        // ends now, the rest is thrown away for a moment.
        var mode = CloseMode.all
        if case .refused = state { mode = .output } else { state = .closing }
        deadline = .now() + Self.lingering
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { [mode] _ in
            bound.value.close(mode: mode, promise: nil)
        }
    }
}
