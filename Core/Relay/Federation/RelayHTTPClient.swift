import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Posts envelopes to other relays, each over a connection of its own (docs/spec/rmb-relay.md section 6).
struct RelayHTTPClient: RelayTransport {
    /// From the reference: two seconds to connect, three in all.
    private static let connectTimeout = TimeAmount.seconds(2)
    private static let timeout = TimeAmount.seconds(3)

    private let group: any EventLoopGroup
    private let tls: NIOSSLContext

    /// - Throws: `badCertificate` if this machine has no certificates to trust.
    init(group: any EventLoopGroup) throws(RelayError) {
        self.group = group
        do {
            tls = try NIOSSLContext(configuration: .makeClientConfiguration())
        } catch {
            throw RelayError(.badCertificate, "no TLS to other relays: \(error)")
        }
    }

    func post(_ envelope: [UInt8], to relay: RemoteRelays.Place) async -> RemoteAnswer {
        do {
            let channel = try await connect(to: relay)
            let promise = channel.eventLoop.makePromise(of: RemoteAnswer.self)
            channel.eventLoop.execute {
                do {
                    try channel.pipeline.syncOperations.addHandler(
                        RelayAnswerHandler(promise: promise, timeout: Self.timeout))
                    Self.write(envelope, to: relay, channel)
                } catch {
                    promise.fail(error)
                    channel.close(promise: nil)
                }
            }
            return try await promise.futureResult.get()
        } catch {
            return .failed("\(error)")
        }
    }

    private func connect(to relay: RemoteRelays.Place) async throws -> any Channel {
        let tls = tls
        return try await ClientBootstrap(group: group)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if relay.isSecure {
                        let isAddress = (try? SocketAddress(ipAddress: relay.host, port: 0)) != nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : relay.host))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                }
            }
            .connect(host: relay.host, port: relay.port).get()
    }

    private static func write(_ envelope: [UInt8], to relay: RemoteRelays.Place, _ channel: any Channel) {
        let host = relay.host.utf8.contains(UInt8(ascii: ":")) ? "[\(relay.host)]" : relay.host
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
        head.headers = [
            "Host": host, "Content-Length": "\(envelope.count)", "Connection": "close",
            "Content-Type": "application/octet-stream",
        ]
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(
            HTTPClientRequestPart.body(.byteBuffer(channel.allocator.buffer(bytes: envelope))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}
