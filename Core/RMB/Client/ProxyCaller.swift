import JSON
import Signatures

/// Calls through the peer's proxy queue, for programs that have a key and a twin but do not listen: the command line,
/// for one (`docs/spec/rmb-direct.md` section 8).
public struct ProxyCaller: RMBCaller {
    private static let firstPause = Duration.milliseconds(4)
    private static let longestPause = Duration.milliseconds(250)

    private let identity: RMBIdentity
    private let addresses: any TwinAddresses
    private let keys: any TwinKeys
    private let connections: PeerConnections
    private let clock: WallClock

    /// - Parameter keys: the peers' account keys: results are believed only with the peer's signature.
    public init(
        identity: RMBIdentity, addresses: any TwinAddresses, keys: any TwinKeys,
        connections: PeerConnections = PeerConnections(), clock: @escaping WallClock = UnixTime.now
    ) {
        self.identity = identity
        self.addresses = addresses
        self.keys = keys
        self.connections = connections
        self.clock = clock
    }

    public func call(
        _ command: String, at twin: UInt32, payload: JSONValue = .null, timeout: Duration = .seconds(60)
    ) async throws(RMBError) -> JSONValue {
        var message = RMBMessage()
        // Two equal requests within a second would be one message and its replay.
        message.uid = UUIDText.random()
        message.command = command
        message.expiration = max(1, timeout.components.seconds)
        message.data = Base64.encode(Array(payload.text.utf8))
        message.source = Int64(identity.twin)
        message.destinations = [Int64(twin)]
        message.sign(with: identity.key, at: clock())
        let request = message
        let expired = RMBError(
            .timedOut, "twin \(twin) did not answer \(command) within \(timeout)", isRetryable: true)
        let reply = try await withDeadline(timeout, failure: expired) {
            let peer = try await address(of: twin)
            let queue = try await submit(request, to: peer)
            return try await verified(poll(queue, at: peer), request: request, queue: queue, twin: twin)
        }
        return try reply.result(text: Array(reply.data.utf8))
    }

    private func submit(_ request: RMBMessage, to peer: PeerAddress) async throws -> String {
        let answer = try await connections.post(
            request.encoded + [0x0a], to: peer, path: Door.proxied.rawValue, contentType: nil)
        guard answer.status == 200 else { throw PeerSender.refusal(answer) }
        let value = try? JSONValue.parsingFirst(of: answer.body).value
        guard let queue = value?["retqueue"]?.stringValue, UUIDText.isWellFormed(queue) else {
            throw RMBError(.badReply, "\(peer) did not name a return queue")
        }
        return queue
    }

    private func poll(_ queue: String, at peer: PeerAddress) async throws -> RMBMessage {
        let body = Array("{\"retqueue\":\"\(queue)\"}\n".utf8)
        var pause = Self.firstPause
        while true {
            let answer = try await connections.post(body, to: peer, path: ResultRequest.path, contentType: nil)
            switch answer.status {
            case 200:
                let results = try JSONValue.parsingFirst(
                    of: answer.body, mode: .lenient, limits: JSONLimits(maxDepth: 64)
                ).value
                if let first = results[0] { return try RMBMessage(first) }
            case 429: pause = Self.longestPause
            default: throw PeerSender.refusal(answer)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// The result, if the peer signed it as the answer to this very request. HTTP protects nothing on the way.
    private func verified(
        _ reply: RMBMessage, request: RMBMessage, queue: String, twin: UInt32
    ) async throws -> RMBMessage {
        guard reply.version == 1, reply.source == Int64(twin), reply.destinations == [Int64(identity.twin)],
            reply.isProxied, reply.returnQueue.utf8.elementsEqual(queue.utf8),
            reply.command.utf8.elementsEqual(request.command.utf8), reply.uid.utf8.elementsEqual(request.uid.utf8)
        else { throw RMBError(.badReply, "the result does not belong to the request") }
        for freshness in [KeyFreshness.remembered, .current] {
            switch await keys.publicKey(of: twin, freshness: freshness) {
            case .found(let key): if (try? reply.verifySignature(by: key)) != nil { return reply }
            case .absent: throw RMBError(.unknownTwin, "source twin \(twin) not found")
            case .unavailable(let cause):
                throw RMBError(
                    .keyUnavailable, "couldn't get twin \(twin) public key: \(cause)", isRetryable: true)
            }
        }
        throw RMBError(.badSignature, "the result is not signed by twin \(twin)")
    }

    private func address(of twin: UInt32) async throws(RMBError) -> PeerAddress {
        switch await addresses.address(of: twin) {
        case .found(let address): return address
        case .absent: throw RMBError(.unknownTwin, "nothing is known about where twin \(twin) listens")
        case .unavailable(let cause):
            throw RMBError(.unreachable, "cannot find out where twin \(twin) listens: \(cause)", isRetryable: true)
        }
    }
}
