import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import WebSockets

/// Frames that only a broken or hostile peer sends, without any socket.
@Suite("WebSocket frames")
struct WebSocketFramesTests {
    private static func channel(_ end: MessageHandler.End = .client, limit: Int = 100) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            MessageHandler(end: end, settings: WebSocketSettings(messageLimit: limit)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private static func frame(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], isLast: Bool = true, isMasked: Bool = false
    ) -> WebSocketFrame {
        WebSocketFrame(
            fin: isLast, opcode: opcode, maskKey: isMasked ? [1, 2, 3, 4] : nil, data: ByteBuffer(bytes: bytes))
    }

    @Test("fragments become one message, with a ping answered in between")
    func fragments() throws {
        let channel = try Self.channel()
        defer { _ = try? channel.finish() }
        try channel.writeInbound(Self.frame(.text, Array("gr".utf8) + [0xc3], isLast: false))
        try channel.writeInbound(Self.frame(.ping, [9]))
        try channel.writeInbound(Self.frame(.continuation, [], isLast: false))
        #expect(try channel.readInbound(as: WebSocketMessage.self) == nil)
        try channel.writeInbound(Self.frame(.continuation, [0xbc] + Array("n".utf8)))
        #expect(try channel.readInbound(as: WebSocketMessage.self) == .text("grün"))
        let pong = try #require(try channel.readOutbound(as: WebSocketFrame.self))
        #expect(pong.opcode == .pong && pong.maskKey != nil && Array(pong.data.readableBytesView) == [9])
    }

    /// What comes, and the code with which it is refused.
    private static let broken: [(String, [WebSocketFrame], WebSocketErrorCode, WebSocketError.Code)] = [
        ("a masked frame of a server", [frame(.text, [1], isMasked: true)], .protocolError, .protocolViolation),
        ("a fragment of nothing", [frame(.continuation, [1])], .protocolError, .protocolViolation),
        (
            "a message inside a message", [frame(.text, [1], isLast: false), frame(.text, [1])], .protocolError,
            .protocolViolation
        ),
        ("text that is no UTF-8", [frame(.text, [0xff])], .dataInconsistentWithMessage, .protocolViolation),
        ("a long message", [frame(.binary, [UInt8](repeating: 0, count: 101))], .messageTooLarge, .tooLong),
        (
            "many fragments that add up",
            [
                frame(.binary, [UInt8](repeating: 0, count: 60), isLast: false),
                frame(.continuation, [UInt8](repeating: 0, count: 60), isLast: false),
            ], .messageTooLarge, .tooLong
        ),
    ]

    @Test("what breaks the rules ends the connection with the right code", arguments: broken.indices)
    func breaking(index: Int) throws {
        let (title, frames, code, reason) = Self.broken[index]
        let channel = try Self.channel()
        defer { _ = try? channel.finish() }
        let error = #expect(throws: WebSocketError.self, "\(title)") {
            for frame in frames { try channel.writeInbound(frame) }
        }
        #expect(error?.code == reason)
        let close = try #require(try channel.readOutbound(as: WebSocketFrame.self))
        #expect(close.opcode == .connectionClose)
        #expect(close.data.readableBytes == 2 && close.data.peekWebSocketErrorCode() == code)
        #expect(try channel.readInbound(as: WebSocketMessage.self) == nil)
        #expect(!channel.isActive)
    }

    @Test("a server refuses frames that are not masked")
    func unmasked() throws {
        let channel = try Self.channel(.server)
        defer { _ = try? channel.finish() }
        #expect(throws: WebSocketError.self) { try channel.writeInbound(Self.frame(.text, [0x61])) }
        #expect(!channel.isActive)
    }

    @Test("silence is met with a ping, and what is not answered for 40 s with the end")
    func silence() throws {
        let channel = try Self.channel()
        defer { _ = try? channel.finish() }
        channel.embeddedEventLoop.advanceTime(by: .seconds(19))
        #expect(try channel.readOutbound(as: WebSocketFrame.self) == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(try channel.readOutbound(as: WebSocketFrame.self)?.opcode == .ping)
        channel.embeddedEventLoop.advanceTime(by: .seconds(19))
        try channel.writeInbound(Self.frame(.pong, []))
        channel.embeddedEventLoop.advanceTime(by: .seconds(39))
        #expect(channel.isActive)
        #expect(try channel.readOutbound(as: WebSocketFrame.self)?.opcode == .ping)
        #expect(try channel.readOutbound(as: WebSocketFrame.self) == nil)
        let error = #expect(throws: WebSocketError.self) {
            channel.embeddedEventLoop.advanceTime(by: .seconds(11))
            try channel.throwIfErrorCaught()
        }
        #expect(error?.code == .silent && !channel.isActive)
    }

    @Test("a connection that breaks off is an error, a closed one is an end")
    func ending() throws {
        let dropped = try Self.channel()
        #expect(throws: WebSocketError.self) {
            dropped.pipeline.fireChannelInactive()
            try dropped.throwIfErrorCaught()
        }
        let closed = try Self.channel()
        try closed.writeInbound(Self.frame(.connectionClose, [0x03, 0xe8]))
        try closed.throwIfErrorCaught()
        #expect(!closed.isActive)
        let answer = try #require(try closed.readOutbound(as: WebSocketFrame.self))
        #expect(answer.opcode == .connectionClose)
        let failed = try Self.channel()
        #expect(throws: WebSocketError.self) {
            try failed.writeInbound(Self.frame(.connectionClose, [0x03, 0xf3] + Array("broken".utf8)))
        }
    }
}
