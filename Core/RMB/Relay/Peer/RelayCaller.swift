import JSON
import Signatures

/// Calls through relays. Its peer must be running.
public struct RelayCaller: RMBCaller {
    private let peer: RelayPeer

    public init(_ peer: RelayPeer) { self.peer = peer }

    public func call(
        _ command: String, at twin: UInt32, payload: JSONValue = .null, timeout: Duration = .seconds(60)
    ) async throws(RMBError) -> JSONValue {
        let request = Request(
            uid: UUIDText.random(), command: command, twin: twin, payload: Array(payload.text.utf8),
            seconds: UInt64(max(1, timeout.components.seconds)))
        let events = try peer.pending.open(request.uid, to: twin)
        defer { peer.pending.close(request.uid) }
        let expired = RMBError(
            .timedOut, "twin \(twin) did not answer \(command) within \(timeout)", isRetryable: true)
        return try await withDeadline(timeout, failure: expired) { try await exchange(request, events) }
    }

    private struct Request: Sendable {
        let uid: String
        let command: String
        let twin: UInt32
        let payload: [UInt8]
        let seconds: UInt64
    }

    private func exchange(
        _ request: Request, _ events: AsyncStream<PendingCalls.Event>
    ) async throws(RMBError) -> JSONValue {
        let record = try await record(of: request.twin)
        let isOwnKeyKnown = await peer.isOwnKeyKnown()
        let lifetime = EnvelopeLifetime(sentAt: peer.services.clock(), seconds: request.seconds)
        let deadline = Int64(clamping: lifetime.timestamp + lifetime.expiration)
        // Stamped anew for each relay that refuses to take it; once taken, it stays what it is: a node that gets it twice
        // knows it again.
        var taken: [UInt8] = []
        var line = try await peer.send(until: deadline) { () throws(RMBError) in
            taken = try peer.sealed(
                .request(command: request.command), payload: request.payload, uid: request.uid,
                to: RelayAddress(twin: request.twin), record, isOwnKeyKnown: isOwnKeyKnown,
                lifetime.restamped(at: peer.services.clock())
            ).encoded
            guard taken.count <= RelayEnvelope.sizeLimit else {
                throw RMBError(.tooLarge, "the request is larger than \(RelayEnvelope.sizeLimit) bytes")
            }
            return taken
        }
        let bytes = taken
        var refused: Set<Int> = []
        for await event in events {
            switch event {
            case .answer(let answer):
                peer.succeeded(line)
                return try result(of: answer)
            case .undelivered(let from, let text):
                guard from == line else { continue }
                refused.insert(from)
                guard peer.isConnected(besides: refused) else {
                    throw RMBError(.unreachable, "the relay could not deliver: \(text)", isRetryable: true)
                }
                line = try await peer.send(until: deadline, avoiding: refused) { () throws(RMBError) in bytes }
            case .lineLost(let lost):
                guard lost == line, peer.configuration.resends else { continue }
                refused.remove(lost)
                line = try await peer.send(until: deadline, avoiding: refused) { () throws(RMBError) in bytes }
            }
        }
        // The deadline, or whoever called, ended it.
        peer.failed(line)
        throw RMBError(.cancelled, "the call was cancelled")
    }

    private func record(of twin: UInt32) async throws(RMBError) -> TwinRecord {
        switch await peer.services.directory.record(of: twin, freshness: .remembered) {
        case .found(let record): return record
        case .absent: throw RMBError(.unknownTwin, "twin \(twin) does not exist")
        case .unavailable(let cause):
            throw RMBError(.keyUnavailable, "cannot find out about twin \(twin): \(cause)", isRetryable: true)
        }
    }

    private func result(of answer: AdmittedEnvelope.Answer) throws(RMBError) -> JSONValue {
        switch answer {
        case .failure(_, let text): throw RMBError(.remote, text)
        case .success(let json):
            if json.isEmpty { return .null }
            do {
                return try JSONValue(
                    parsing: json, mode: .lenient, limits: JSONLimits(maxBytes: RelayEnvelope.sizeLimit, maxDepth: 256))
            } catch {
                throw RMBError(.badReply, "the answer is no JSON: \(error)")
            }
        }
    }
}

extension RelayPeer {
    /// Runs the peer for as long as the body runs, for programs that only ask.
    public func whileRunning<Result: Sendable>(
        _ body: @escaping @Sendable (RelayCaller) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await self.run()
                return nil
            }
            group.addTask { try await body(RelayCaller(self)) }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }
}
