import NIOCore
import NIOHTTP1

/// One request after the other over one connection to a peer. An order that gets no complete answer in time fails and
/// closes the connection.
final class PeerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Order
    typealias OutboundOut = HTTPClientRequestPart

    /// What is written to the channel.
    struct Order: Sendable {
        let request: PeerRequest
        let promise: EventLoopPromise<Response>
    }

    struct Response: Sendable {
        let answer: PeerConnections.Answer
        let keepsAlive: Bool
    }

    /// Results of the proxy queue may hold a whole message as text in text.
    private static let bodyLimit = 4 << 20
    /// How long a connection waits for its next request.
    private static let idleTimeout = TimeAmount.seconds(30)

    private var current: EventLoopPromise<Response>?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var deadline = NIODeadline.distantFuture
    private var check: RepeatedTask?
    private static let checkInterval = TimeAmount.milliseconds(250)

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // One look now and then costs less than a timer for every request.
        check = context.eventLoop.scheduleRepeatedTask(
            initialDelay: Self.checkInterval, delay: Self.checkInterval
        ) { _ in
            let (handler, context) = bound.value
            guard handler.deadline <= .now() else { return }
            handler.fail(
                RMBError(.timedOut, "the peer did not answer in time", isRetryable: true), context: context)
        }
        context.fireChannelActive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let order = unwrapOutboundIn(data)
        guard current == nil, context.channel.isActive else {
            order.promise.fail(ChannelError.alreadyClosed)
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        current = order.promise
        let request = order.request
        deadline = request.deadline
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: request.host)
        headers.add(name: "Content-Length", value: String(request.body.count))
        if let contentType = request.contentType { headers.add(name: "Content-Type", value: contentType) }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: request.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: request.body)))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= Self.bodyLimit else {
                return fail(RMBError(.badReply, "the peer's answer is too long"), context: context)
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end: finish(context: context)
        }
    }

    private func finish(context: ChannelHandlerContext) {
        guard let head, let promise = current else { return context.close(promise: nil) }
        current = nil
        self.head = nil
        deadline = .now() + Self.idleTimeout
        let answer = PeerConnections.Answer(
            status: head.status.code, reason: head.status.reasonPhrase, body: body)
        promise.succeed(Response(answer: answer, keepsAlive: head.isKeepAlive))
        if !head.isKeepAlive { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        current?.fail(RMBError(.unreachable, "the peer closed the connection", isRetryable: true))
        current = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context: context) }

    private func fail(_ error: any Error, context: ChannelHandlerContext) {
        current?.fail(error)
        current = nil
        context.close(promise: nil)
    }
}
