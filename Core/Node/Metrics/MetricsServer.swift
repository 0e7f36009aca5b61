import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers `GET /metrics` with the node's figures, one request per connection.
///
/// For this machine only: a UNIX socket that root may open, or a port of the loopback device.
public final class MetricsServer: Sendable {
    /// Connections that wait for figures; a collector has one.
    private static let waitingLimit = 8

    private let listener: any Channel
    private let waiting: AsyncStream<any Channel>
    private let submissions: AsyncStream<any Channel>.Continuation
    private let collect: @Sendable () async -> String

    /// Listens. Requests are answered once `run()` runs.
    /// - Throws: `.unusable` if the address cannot be had.
    public init(at address: MetricsAddress, collect: @escaping @Sendable () async -> String) async throws {
        self.collect = collect
        let (waiting, submissions) = AsyncStream.makeStream(
            of: (any Channel).self, bufferingPolicy: .bufferingOldest(Self.waitingLimit))
        (self.waiting, self.submissions) = (waiting, submissions)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try channel.pipeline.syncOperations.addHandler(
                        MetricsConnection { channel in
                            if case .enqueued = submissions.yield(channel) { return true }
                            return false
                        })
                }
            }
        do {
            switch address {
            case .socket(let path): listener = try await bootstrap.withBoundSocket(try Self.bind(path)).get()
            case .loopback(let host, let port):
                listener = try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: host, port: port).get()
            }
        } catch {
            throw NodeError(
                .unusable, "metrics cannot be offered at \(address): \(error)", hint: "see docs/metrics.md")
        }
    }

    /// The port in use, of a loopback address.
    public var port: Int? { listener.localAddress?.port }

    /// Answers until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await channel in waiting {
                group.addTask { await MetricsConnection.answer(channel, await self.collect()) }
            }
        }
        submissions.finish()
        try? await listener.close()  // Closed already is as good.
    }

    /// A socket that only its owner may connect to, from its first moment on.
    private static func bind(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count - 1)) }
        unlink(path)
        // The file gets the mode of the socket that is bound to it.
        let isBound =
            fchmod(descriptor, 0o600) == 0
            && withUnsafePointer(to: &address) { pointer in
                // SAFETY: sockaddr_un begins as every sockaddr does, and the length is its own.
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
        guard isBound else {
            defer { close(descriptor) }
            throw failure(path)
        }
        return descriptor
    }

    private static func failure(_ path: String) -> NodeError {
        NodeError(.unusable, "\(path): \(String(cString: strerror(errno)))", hint: nil)
    }
}
