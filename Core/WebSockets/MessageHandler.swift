import NIOCore
import NIOWebSocket

/// Frames to messages and back by RFC 6455: puts fragments together, answers pings, notices silence, closes in good
/// order. What breaks the rules ends the connection with the code that the RFC has for it.
final class MessageHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketMessage
    typealias OutboundIn = WebSocketMessage
    typealias OutboundOut = WebSocketFrame

    /// Clients mask what they send, servers do not.
    enum End: Sendable { case client, server }

    private let end: End
    private let settings: WebSocketSettings
    private var opcode: WebSocketOpcode?
    private var gathered = ByteBuffer()
    private var hasSentClose = false
    private var lastRead = NIODeadline.uptimeNanoseconds(0)
    private var hasPinged = false
    private var isSuspect = false
    private var watch: RepeatedTask?

    init(end: End, settings: WebSocketSettings) {
        self.end = end
        self.settings = settings
    }

    func handlerAdded(context: ChannelHandlerContext) {
        lastRead = context.eventLoop.now
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let step = TimeAmount(settings.pingAfter / 4)
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { _ in
            let (handler, context) = bound.value
            handler.look(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { watch?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        if !hasSentClose {
            context.fireErrorCaught(WebSocketError(.closed, "the other end dropped the connection"))
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasSentClose else { return }
        let frame = unwrapInboundIn(data)
        lastRead = context.eventLoop.now
        hasPinged = false
        isSuspect = false
        guard (frame.maskKey != nil) == (end == .server), !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return fail(.protocolError, WebSocketError(.protocolViolation, "a frame is masked wrongly"), context)
        }
        switch frame.opcode {
        case .text, .binary:
            guard opcode == nil else {
                return fail(
                    .protocolError, WebSocketError(.protocolViolation, "a message begins inside another one"), context)
            }
            opcode = frame.opcode
            gather(frame, context)
        case .continuation:
            guard opcode != nil else {
                return fail(
                    .protocolError, WebSocketError(.protocolViolation, "a fragment belongs to no message"), context)
            }
            gather(frame, context)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .pong: break
        case .connectionClose: answerClose(frame, context)
        default:
            fail(.protocolError, WebSocketError(.protocolViolation, "a frame is of an unknown kind"), context)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasSentClose else {
            promise?.fail(WebSocketError(.closed, "the connection is closing"))
            return
        }
        let frame =
            switch unwrapOutboundIn(data) {
            case .text(let text): frame(.text, ByteBuffer(string: text))
            case .binary(let bytes): frame(.binary, ByteBuffer(bytes: bytes))
            }
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        sendClose(.normalClosure, context)
        context.close(mode: mode, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength:
            fail(.messageTooLarge, WebSocketError(.tooLong, tooLong), context)
        case is NIOWebSocketError:
            fail(.protocolError, WebSocketError(.protocolViolation, "a frame cannot be read: \(error)"), context)
        default:
            context.fireErrorCaught(WebSocketError(.closed, "the connection broke: \(error)"))
            context.close(promise: nil)
        }
    }

    private var tooLong: String { "a message is longer than \(settings.messageLimit) bytes" }

    private func gather(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard frame.length <= settings.messageLimit - gathered.readableBytes else {
            return fail(.messageTooLarge, WebSocketError(.tooLong, tooLong), context)
        }
        var data = frame.unmaskedData
        if gathered.readableBytes == 0 { gathered = data } else { gathered.writeBuffer(&data) }
        guard frame.fin else { return }
        let isText = opcode == .text
        let whole = gathered
        opcode = nil
        gathered = ByteBuffer()
        guard isText else { return context.fireChannelRead(wrapInboundOut(.binary(Array(whole.readableBytesView)))) }
        guard let text = String(validating: whole.readableBytesView, as: UTF8.self) else {
            return fail(
                .dataInconsistentWithMessage, WebSocketError(.protocolViolation, "a text message is no UTF-8"), context)
        }
        context.fireChannelRead(wrapInboundOut(.text(text)))
    }

    private func look(_ context: ChannelHandlerContext) {
        let silence = context.eventLoop.now - lastRead
        if silence >= TimeAmount(settings.deadAfter) {
            // Looked at twice: after a pause of the whole process the pong may lie unread in the socket.
            guard isSuspect else {
                isSuspect = true
                return
            }
            fail(
                .goingAway, WebSocketError(.silent, "nothing came for \(settings.deadAfter), not even a pong"), context)
        } else if silence >= TimeAmount(settings.pingAfter), !hasPinged {
            hasPinged = true
            send(.ping, ByteBuffer(), context)
        }
    }

    private func answerClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        var data = frame.unmaskedData
        let code = data.readWebSocketErrorCode()
        let isOrderly: Bool =
            switch code {
            case nil, .normalClosure, .goingAway: true
            default: false
            }
        sendClose(code ?? .normalClosure, context)
        if !isOrderly, let code {
            let why = String(decoding: data.readableBytesView.prefix(123), as: UTF8.self)
            context.fireErrorCaught(
                WebSocketError(
                    .closed,
                    "the other end closed the connection with code \(UInt16(webSocketErrorCode: code)) \(why)"))
        }
        context.close(promise: nil)
    }

    private func fail(_ code: WebSocketErrorCode, _ error: WebSocketError, _ context: ChannelHandlerContext) {
        sendClose(code, context)
        opcode = nil
        gathered = ByteBuffer()
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    private func sendClose(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        guard !hasSentClose, context.channel.isActive else { return }
        hasSentClose = true
        var data = context.channel.allocator.buffer(capacity: 2)
        data.write(webSocketErrorCode: code)
        send(.connectionClose, data, context)
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(frame(opcode, data)), promise: nil)
    }

    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: end == .client ? .random() : nil, data: data)
    }
}
