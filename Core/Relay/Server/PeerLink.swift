import NIOCore
import NIOWebSocket

/// The two ends of a session's connection, for the task that serves it.
struct PeerLink: Sendable {
    /// What a peer sends that is for the relay.
    enum Message: Sendable {
        case envelope([UInt8])
        case ping([UInt8])
    }

    let channel: any Channel
    /// Ends with the connection.
    let messages: AsyncStream<Message>
    /// Says that one of the messages is dealt with, so that more may be read.
    let dealtWith: @Sendable () -> Void

    /// Returns when the bytes are with the kernel.
    func write(_ opcode: WebSocketOpcode, _ payloads: [[UInt8]]) async throws {
        for (index, bytes) in payloads.enumerated() {
            let frame = WebSocketFrame(fin: true, opcode: opcode, data: channel.allocator.buffer(bytes: bytes))
            guard index == payloads.count - 1 else {
                channel.write(frame, promise: nil)
                continue
            }
            try await channel.writeAndFlush(frame)
        }
    }

    func close() { channel.close(promise: nil) }
}
