import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// HTTP connections to other buses, kept open and used again. Bounded in number and time.
public final class PeerConnections: Sendable {
    /// An answer over HTTP.
    struct Answer: Sendable {
        let status: UInt
        let reason: String
        let body: [UInt8]
    }

    private struct State {
        var idle: [PeerAddress: [any Channel]] = [:]
        var open: [PeerAddress: Int] = [:]
        var total = 0
        var isClosed = false
    }

    private static let perPeerLimit = 32
    private static let totalLimit = 1024

    private let group: any EventLoopGroup
    private let state = Mutex(State())

    public init(group: any EventLoopGroup = RMBServer.sharedLoop) { self.group = group }

    /// Posts a body and reads the answer.
    /// - Throws: `unreachable`, `timedOut`, or `tooMany` when too many requests to the peer are under way.
    func post(
        _ body: [UInt8], to peer: PeerAddress, path: String, contentType: String?, timeout: Duration = .seconds(10)
    ) async throws(RMBError) -> Answer {
        try take(peer)
        defer { giveBack(peer) }
        let request = PeerRequest(
            host: peer.description, path: path, contentType: contentType, body: body,
            deadline: .now() + TimeAmount(timeout))
        // A kept connection may have been closed by the peer in the meantime; a new one gets the same message, which
        // its replay guard recognises should it have arrived after all.
        if let channel = idleChannel(peer), let answer = try? await send(request, over: channel, to: peer) {
            return answer
        }
        do {
            return try await send(request, over: connect(peer, deadline: request.deadline), to: peer)
        } catch let error as RMBError {
            throw error
        } catch {
            throw RMBError(.unreachable, "Post \"http://\(peer)\(path)\": \(error)", isRetryable: true)
        }
    }

    /// Closes what is idle and keeps no more.
    public func close() async {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [:] }
            return state.idle.values.flatMap { $0 }
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private func connect(_ peer: PeerAddress, deadline: NIODeadline) async throws -> any Channel {
        let address = try SocketAddress(ipAddress: peer.host, port: peer.port)
        return try await ClientBootstrap(group: group)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers(
                        enableOutboundHeaderValidation: false)
                    try channel.pipeline.syncOperations.addHandler(PeerHandler())
                }
            }
            .connect(to: address).get()
    }

    private func send(_ request: PeerRequest, over channel: any Channel, to peer: PeerAddress) async throws -> Answer {
        let promise = channel.eventLoop.makePromise(of: PeerHandler.Response.self)
        channel.writeAndFlush(PeerHandler.Order(request: request, promise: promise), promise: nil)
        let response = try await promise.futureResult.get()
        if response.keepsAlive && channel.isActive { keep(channel, for: peer) }
        return response.answer
    }

    private func take(_ peer: PeerAddress) throws(RMBError) {
        let isFree = state.withLock { state in
            guard state.total < Self.totalLimit, state.open[peer, default: 0] < Self.perPeerLimit else { return false }
            state.total += 1
            state.open[peer, default: 0] += 1
            return true
        }
        guard isFree else {
            throw RMBError(.tooMany, "too many messages to \(peer) are under way", isRetryable: true)
        }
    }

    private func giveBack(_ peer: PeerAddress) {
        state.withLock { state in
            state.total -= 1
            let left = state.open[peer, default: 1] - 1
            state.open[peer] = left > 0 ? left : nil
        }
    }

    private func idleChannel(_ peer: PeerAddress) -> (any Channel)? {
        state.withLock { state in
            while let channel = state.idle[peer]?.popLast() {
                if state.idle[peer]?.isEmpty == true { state.idle[peer] = nil }
                if channel.isActive { return channel }
            }
            return nil
        }
    }

    private func keep(_ channel: any Channel, for peer: PeerAddress) {
        let isKept = state.withLock { state in
            guard !state.isClosed, state.idle[peer, default: []].count < Self.perPeerLimit,
                state.idle.count < Self.totalLimit
            else { return false }
            state.idle[peer, default: []].append(channel)
            return true
        }
        if !isKept { channel.close(promise: nil) }
    }
}

/// One POST.
struct PeerRequest: Sendable {
    let host: String
    let path: String
    let contentType: String?
    let body: [UInt8]
    let deadline: NIODeadline
}
