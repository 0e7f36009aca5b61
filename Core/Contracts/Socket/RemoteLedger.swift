import JSON
import Synchronization

/// An embedded ledger in another process, reached through its UNIX socket.
///
/// Each request uses a connection of its own from a small pool; a broken connection is *unavailable*, never *absent*.
public final class RemoteLedger: Sendable {
    /// How long an answer may take beyond what the request itself waits for: a block time and a slow disk.
    private static let patience = Duration.seconds(30)
    private static let maxIdle = 4

    public let path: String
    private let idle = Mutex<[FrameSocket]>([])

    /// Nothing is connected yet.
    public init(path: String) { self.path = path }

    /// Asks, and decodes the answer. A read over a connection that died while idle is repeated on a new one.
    func ask<T: Decodable>(_ query: LedgerQuery, waiting: Duration = .zero) async throws(LedgerUnavailable) -> T {
        do {
            let request: JSONValue = ["query": try JSONValue(encoding: query)]
            let reply = try await exchange(request, mayRepeat: true, waiting: waiting)
            return try decode(reply)
        } catch let unavailable as LedgerUnavailable {
            throw unavailable
        } catch let failure as CallFailure {
            if case .unavailable(let reason) = failure { throw reason }
            throw LedgerUnavailable(.malformed, "the ledger refused a read: \(failure)")
        } catch {
            throw LedgerUnavailable(.malformed, "the ledger's answer cannot be read: \(error)")
        }
    }

    /// Sends what must not be sent twice.
    private func send(_ request: JSONValue) async throws(CallFailure) -> CallReceipt {
        do {
            return try decode(try await exchange(request, mayRepeat: false, waiting: .zero))
        } catch let unavailable as LedgerUnavailable {
            throw .unavailable(reason: unavailable)
        } catch let failure as CallFailure {
            throw failure
        } catch {
            throw .unavailable(reason: LedgerUnavailable(.malformed, "the ledger's answer cannot be read: \(error)"))
        }
    }

    public func submit(_ call: SignedCall) async throws(CallFailure) -> CallReceipt {
        try await send(["call": call.json])
    }

    /// An operation of the administrator; only his socket takes it.
    @discardableResult
    public func administrate(_ call: AdministratorCall) async throws(CallFailure) -> CallReceipt {
        guard let value = try? JSONValue(encoding: call) else {
            throw .refused(refusal: CallRefusal(.malformed, "the operation cannot be written as JSON"))
        }
        return try await send(["administrator": value])
    }

    private func decode<T: Decodable>(_ reply: JSONValue) throws -> T {
        if let failure = reply["failure"] { throw try failure.decode(CallFailure.self) }
        guard let value = reply["value"] else {
            throw LedgerUnavailable(.malformed, "the ledger's answer has no value")
        }
        return try value.decode(T.self)
    }

    private func exchange(
        _ request: JSONValue, mayRepeat: Bool, waiting: Duration
    ) async throws(LedgerUnavailable) -> JSONValue {
        // An idle connection may be dead by now, which shows only when it is used: calls get a fresh one.
        if mayRepeat, let connection = idle.withLock({ $0.popLast() }) {
            do {
                return try await exchange(request, over: connection, waiting: waiting)
            } catch {
                guard error.reason == .unreachable, !Task.isCancelled else { throw error }
            }
        }
        return try await exchange(request, over: FrameSocket.connect(to: path), waiting: waiting)
    }

    private func exchange(
        _ request: JSONValue, over connection: FrameSocket, waiting: Duration
    ) async throws(LedgerUnavailable) -> JSONValue {
        try await connection.send(request)
        guard let reply = try await connection.receive(timeout: Self.patience + waiting) else {
            throw LedgerUnavailable(.unreachable, "the ledger at \(path) ended the connection")
        }
        idle.withLock { idle in
            if idle.count < Self.maxIdle { idle.append(connection) }
        }
        return reply
    }
}
