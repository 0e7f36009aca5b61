import NIOCore
import NIOHTTP1

/// One plain HTTP request and its answer, after which the connection ends.
struct PlainExchange: Sendable {
    let channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    let bodyLimit: Int

    /// Answers a request for a WebSocket; NIO has taken the request itself already.
    func refuse(_ reply: WebSocketReply) async throws {
        try await channel.executeThenClose { _, outbound in try await write(reply, to: outbound) }
    }

    /// Reads a request and answers it.
    func run(_ answer: @Sendable (WebSocketRequest) async -> WebSocketReply) async throws {
        let peer = channel.channel.remoteAddress?.ipAddress
        try await channel.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            reading: for try await part in inbound {
                switch part {
                case .head(let value): head = value
                case .body(let buffer):
                    guard buffer.readableBytes <= bodyLimit - body.count else {
                        return try await write(
                            WebSocketReply(status: 413, text: "a body has at most \(bodyLimit) bytes\n"), to: outbound)
                    }
                    body.append(contentsOf: buffer.readableBytesView)
                case .end: break reading
                }
            }
            guard let head else { return }
            try await write(await answer(WebSocketRequest(head, peer: peer, body: body)), to: outbound)
        }
    }

    private func write(
        _ reply: WebSocketReply, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Content-Length", value: String(reply.body.count))
        headers.replaceOrAdd(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: Int(reply.status)), headers: headers)
        try await outbound.write(.head(head))
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
        try await outbound.write(.end(nil))
    }
}
