import NIOCore
import NIOHTTP1
import NIOWebSocket
import RMB

/// Answers what comes over plain HTTP: envelopes of other relays, figures, and refusals to connect. One request per
/// connection, bounded in bytes and time.
final class DoorHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case reading([UInt8])
        /// Answered, or about to be.
        case done
    }

    private let handshake: Handshake
    private let bodyLimit: Int
    private let timeout: TimeAmount
    private let submit: @Sendable (RelayWork) -> Void
    private var state = State.idle
    private var end: Scheduled<Void>?

    init(
        handshake: Handshake, bodyLimit: Int, timeout: TimeAmount, submit: @escaping @Sendable (RelayWork) -> Void
    ) {
        self.handshake = handshake
        self.bodyLimit = bodyLimit
        self.timeout = timeout
        self.submit = submit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    }

    /// A session needs no deadline of this kind.
    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The upgrade that was refused; its request comes here next, to be told why.
        if error is NIOWebSocketUpgradeError { return }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let buffer): append(buffer, context)
        case .end: finish(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        if let refusal = handshake.refusal { return respond(refusal, context) }
        let path = head.uri.prefix { $0 != "?" }
        switch (head.method, path) {
        case (.POST, "/"):
            let length = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
            guard length <= bodyLimit else { return respond(tooLarge, context) }
            state = .reading([])
        case (.GET, "/metrics"):
            state = .done
            submit(.figures(pending(context)))
        default: respond(.notFound, context)
        }
    }

    private func append(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .reading(var body) = state else { return }
        state = .done
        guard body.count + buffer.readableBytes <= bodyLimit else { return respond(tooLarge, context) }
        body.append(contentsOf: buffer.readableBytesView)
        state = .reading(body)
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard case .reading(let body) = state else { return }
        state = .done
        submit(.federated(body, from: NetworkSource(context.remoteAddress), pending(context)))
    }

    private var tooLarge: DoorReply { DoorReply(413, "an envelope has at most \(bodyLimit) bytes") }

    private func pending(_ context: ChannelHandlerContext) -> Pending<DoorReply> {
        let promise = context.eventLoop.makePromise(of: DoorReply.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess { reply in
            let (handler, context) = bound.value
            if context.channel.isActive { handler.respond(reply, context) }
        }
        return Pending(promise, otherwise: .busy)
    }

    private func respond(_ reply: DoorReply, _ context: ChannelHandlerContext) {
        state = .done
        let body = context.channel.allocator.buffer(string: reply.body)
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: Int(reply.status)),
            headers: [
                "Content-Type": reply.contentType, "Content-Length": "\(body.readableBytes)", "Connection": "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let channel = context.channel
        // Whoever still sends would not read the answer if the connection were reset under it: only our side ends now,
        // and the deadline ends the rest.
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        }
    }
}
