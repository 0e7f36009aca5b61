import Hosting
import NIOCore
import NIOHTTP1

/// Reads one request and leaves the connection to whoever has the figures; closes it after 10 seconds whatever happens.
final class MetricsConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private static let timeout = TimeAmount.seconds(10)

    /// - Returns: whether somebody will answer.
    private let submit: @Sendable (any Channel) -> Bool
    private var isWanted = false
    private var end: Scheduled<Void>?

    init(submit: @escaping @Sendable (any Channel) -> Bool) { self.submit = submit }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { end?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): isWanted = head.method == .GET && head.uri.utf8.elementsEqual("/metrics".utf8)
        case .body: break
        case .end:
            if isWanted, submit(context.channel) { return }
            let status = isWanted ? "503 Service Unavailable" : "404 Not Found"
            context.channel.write(Self.reply(status, "", context.channel), promise: nil)
            context.channel.flush()
            context.close(promise: nil)
        }
    }

    static func answer(_ channel: any Channel, _ text: String) async {
        // Whoever asked may have gone meanwhile.
        try? await channel.writeAndFlush(reply("200 OK", text, channel))
        try? await channel.close()
    }

    private static func reply(_ status: String, _ text: String, _ channel: any Channel) -> ByteBuffer {
        channel.allocator.buffer(
            string: "HTTP/1.1 \(status)\r\nContent-Type: \(PrometheusText.contentType)\r\n"
                + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)")
    }
}
