import NIOCore

/// An open WebSocket, valid inside the closure that it is given to. Pings, pongs and close frames are dealt with here.
public struct WebSocket: Sendable {
    let inbound: NIOAsyncChannelInboundStream<WebSocketMessage>
    let outbound: NIOAsyncChannelOutboundWriter<WebSocketMessage>
    /// The other end's address, nil if it is gone already.
    public let peer: String?

    /// What comes in, in order; for one reader. Ends when the other end closes in good order, and throws
    /// `WebSocketError` when the connection ends otherwise. A message that an end sends as its very first and last one,
    /// right before it closes, may be missing: seen on busy machines, cause unknown. Wait for an answer before closing.
    public var messages: Messages { Messages(inbound: inbound) }

    /// Sends a message; waits while the other end does not read.
    /// - Throws: `closed`, or `CancellationError`.
    public func send(_ message: WebSocketMessage) async throws {
        do {
            try await outbound.write(message)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw WebSocketError(.closed, "the connection ended: \(error)")
        }
    }

    public struct Messages: AsyncSequence, Sendable {
        public typealias Element = WebSocketMessage
        let inbound: NIOAsyncChannelInboundStream<WebSocketMessage>

        public func makeAsyncIterator() -> Iterator { Iterator(inner: inbound.makeAsyncIterator()) }

        public struct Iterator: AsyncIteratorProtocol {
            var inner: NIOAsyncChannelInboundStream<WebSocketMessage>.AsyncIterator

            public mutating func next() async throws -> WebSocketMessage? {
                do {
                    return try await inner.next()
                } catch let error as CancellationError {
                    throw error
                } catch let error as WebSocketError {
                    throw error
                } catch {
                    throw WebSocketError(.closed, "the connection ended: \(error)")
                }
            }
        }
    }
}

/// A channel that carries whole messages.
typealias MessageChannel = NIOAsyncChannel<WebSocketMessage, WebSocketMessage>

extension WebSocket {
    /// How many messages wait for their reader before the connection stops reading.
    private static let watermarks = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
        lowWatermark: 1, highWatermark: 8)

    /// Puts the handlers of one end onto a channel whose upgrade is done.
    static func channel(
        _ channel: any Channel, as end: MessageHandler.End, settings: WebSocketSettings
    ) throws -> MessageChannel {
        try channel.pipeline.syncOperations.addHandler(MessageHandler(end: end, settings: settings))
        return try MessageChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: watermarks, isOutboundHalfClosureEnabled: false))
    }

    /// Runs `body` with the channel's socket and closes it afterwards.
    static func serve<Result: Sendable>(
        _ channel: MessageChannel, _ body: @Sendable (WebSocket) async throws -> Result
    ) async throws -> Result {
        let peer = channel.channel.remoteAddress?.ipAddress
        return try await channel.executeThenClose { inbound, outbound in
            try await body(WebSocket(inbound: inbound, outbound: outbound, peer: peer))
        }
    }
}
