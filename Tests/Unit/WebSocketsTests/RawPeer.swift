import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A peer that says only what a test wants.
enum RawPeer {
    /// How a listening peer behaves; without any wish it never answers at all.
    struct Behaviour: Sendable {
        /// Answers the upgrade, and no frame after it.
        var isUpgrading = false
    }

    static func listening(
        _ wish: (inout Behaviour) -> Void, body: (Int) async throws -> Void
    ) async throws {
        var behaviour = Behaviour()
        wish(&behaviour)
        let isUpgrading = behaviour.isUpgrading
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                guard isUpgrading else { return channel.eventLoop.makeSucceededVoidFuture() }
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                    upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(listener.localAddress?.port ?? 0)
        } catch {
            try await listener.close()
            throw error
        }
        try await listener.close()
    }

    /// Sends text and returns all that comes until the other end closes.
    static func exchange(_ text: String, _ port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return answer
        }
    }
}
