import NIOCore
import NIOWebSocket

/// Reads the frames of one session. While too much of it waits to be dealt with, nothing more is read from the socket.
final class PeerHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Messages and bytes that wait before reading stops.
    private static let countLimit = 16
    private static let byteLimit = 2 << 20

    private let output: AsyncStream<PeerLink.Message>.Continuation
    private var waiting: [Int] = []
    private var waitingBytes = 0
    private var wantsRead = false
    private var isClosing = false

    init(output: AsyncStream<PeerLink.Message>.Continuation) { self.output = output }

    func read(context: ChannelHandlerContext) {
        guard waiting.count < Self.countLimit, waitingBytes < Self.byteLimit else {
            wantsRead = true
            return
        }
        context.read()
    }

    /// One message is dealt with. On the event loop.
    func dealtWith(_ context: ChannelHandlerContext) {
        guard !waiting.isEmpty else { return }
        waitingBytes -= waiting.removeFirst()
        guard wantsRead, waiting.count < Self.countLimit, waitingBytes < Self.byteLimit else { return }
        wantsRead = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary: submit(.envelope(Array(frame.unmaskedData.readableBytesView)), frame.length)
        case .ping: submit(.ping(Array(frame.unmaskedData.readableBytesView)), frame.length)
        case .pong: break
        case .connectionClose: close(.normalClosure, context)
        // Text is no envelope.
        default: close(.unacceptableData, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        output.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(.protocolError, context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func submit(_ message: PeerLink.Message, _ size: Int) {
        waiting.append(size)
        waitingBytes += size
        output.yield(message)
    }

    private func close(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        output.finish()
        var data = context.channel.allocator.buffer(capacity: 2)
        data.write(webSocketErrorCode: code)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }
}
