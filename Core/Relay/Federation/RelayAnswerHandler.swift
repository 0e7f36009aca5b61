import NIOCore
import NIOHTTP1

/// Reads one answer of another relay, within a time and a size, and ends the connection.
final class RelayAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// Bytes of an answer that are kept: it is one line.
    private static let bodyLimit = 1024

    private struct TimedOut: Error {}
    private struct Ended: Error {}

    private var promise: EventLoopPromise<RemoteAnswer>?
    private let timeout: TimeAmount
    private var end: Scheduled<Void>?
    private var status: UInt = 0
    private var body: [UInt8] = []

    init(promise: EventLoopPromise<RemoteAnswer>, timeout: TimeAmount) {
        self.promise = promise
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: timeout) {
            let (handler, context) = bound.value
            handler.finish(.failure(TimedOut()), context)
        }
        if !context.channel.isActive { finish(.failure(Ended()), context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status.code
        case .body(let buffer): body += buffer.readableBytesView.prefix(Self.bodyLimit - body.count)
        case .end: finish(.success(answer), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(Ended()), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(.failure(error), context) }

    private var answer: RemoteAnswer {
        let text = String(decoding: body, as: UTF8.self)
        switch status {
        case 200..<300: return .accepted
        case 400..<500: return .refused(text)
        default: return .failed("status \(status): \(text)")
        }
    }

    private func finish(_ result: Result<RemoteAnswer, any Error>, _ context: ChannelHandlerContext) {
        end?.cancel()
        guard let promise else { return }
        self.promise = nil
        promise.completeWith(result)
        context.close(promise: nil)
    }
}
