import NIOCore
import NIOHTTP1

/// Reads the answer of a server that does not open a WebSocket, as far as a human needs it.
final class RefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private static let bodyLimit = 512

    private let address: WebSocketAddress
    private let promise: EventLoopPromise<WebSocketError>
    private var status: HTTPResponseStatus?
    private var body: [UInt8] = []

    init(_ address: WebSocketAddress, _ promise: EventLoopPromise<WebSocketError>) {
        self.address = address
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let buffer):
            body.append(contentsOf: buffer.readableBytesView.prefix(Self.bodyLimit - body.count))
            if body.count == Self.bodyLimit { finish(context) }
        case .end: finish(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(context) }

    private func finish(_ context: ChannelHandlerContext) {
        let text = String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        let error =
            if let status {
                WebSocketError(
                    .refused(status: status.code),
                    "\(address) answered \(status.code) \(status.reasonPhrase) instead of opening a WebSocket: \(text)")
            } else {
                WebSocketError(.unreachable, "\(address) ended the connection without an answer")
            }
        promise.succeed(error)
        context.close(promise: nil)
    }
}
