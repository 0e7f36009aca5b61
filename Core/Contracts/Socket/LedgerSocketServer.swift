import CHost
import Dispatch
import Glibc
import JSON
import Logging

/// Offers an embedded ledger to other processes of the same user: reads and signed calls on one socket, the
/// administrator's operations on another. Both have mode 0600.
public struct LedgerSocketServer: Sendable {
    /// What may be asked on a socket.
    public enum Face: Sendable {
        case users
        case administrator
    }

    /// Connections served at a time; the next one waits.
    private static let maxConnections = 48

    private let ledger: EmbeddedLedger
    private let face: Face
    private let listener: Listener
    private let logger: Logger

    /// Binds the socket; a file left by a dead server is replaced.
    /// - Throws: `LedgerUnavailable` naming the path.
    public init(
        ledger: EmbeddedLedger, path: String, face: Face = .users, logger: Logger
    ) throws(LedgerUnavailable) {
        self.ledger = ledger
        self.face = face
        self.logger = logger
        listener = try Listener(path: path)
    }

    /// Serves until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            var open = 0
            while !Task.isCancelled {
                if open == Self.maxConnections {
                    await group.next()
                    open -= 1
                }
                guard let connection = await listener.accept() else { break }
                open += 1
                group.addTask { await serve(connection) }
            }
            group.cancelAll()
        }
        listener.remove()
    }

    private func serve(_ connection: FrameSocket) async {
        do {
            while let request = try await connection.receive(timeout: nil) {
                try await connection.send(await answer(request))
            }
        } catch {
            // A client that goes away in the middle is its own business; one that talks nonsense is worth a line.
            if error.reason == .malformed {
                logger.warning("ledger socket: bad request", metadata: ["error": "\(error)"])
            }
        }
        connection.end()
    }

    private func answer(_ request: JSONValue) async -> JSONValue {
        do {
            if let query = request["query"] {
                return ["value": try await query.decode(LedgerQuery.self).answer(from: ledger)]
            }
            if let call = request["call"] {
                return ["value": try JSONValue(encoding: await ledger.submit(SignedCall(call)))]
            }
            if let operation = request["administrator"], face == .administrator {
                let receipt = try await ledger.administrate(operation.decode(AdministratorCall.self))
                return ["value": try JSONValue(encoding: receipt)]
            }
            return Self.failure(.refused(refusal: CallRefusal(.malformed, "this socket does not serve such requests")))
        } catch let unavailable as LedgerUnavailable {
            return Self.failure(.unavailable(reason: unavailable))
        } catch let failure as CallFailure {
            return Self.failure(failure)
        } catch let refusal as CallRefusal {
            return Self.failure(.refused(refusal: refusal))
        } catch {
            return Self.failure(.refused(refusal: CallRefusal(.malformed, "the request cannot be read: \(error)")))
        }
    }

    private static func failure(_ failure: CallFailure) -> JSONValue {
        // A failure is made of texts and small numbers: it always encodes.
        let value = try? JSONValue(encoding: failure)
        return ["failure": value ?? .null]
    }
}

/// A listening socket. Accepting blocks on a queue of its own; cancelling the waiting task ends it.
private final class Listener: Sendable {
    private let descriptor: Int32
    private let path: String
    private let queue = DispatchQueue(label: "zos.ledger.accept")

    init(path: String) throws(LedgerUnavailable) {
        guard let address = SocketAddress(path) else {
            throw LedgerUnavailable(.unreachable, "\(path) is too long for a socket's path: use a shorter state folder")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LedgerUnavailable(.unreachable, SocketAddress.reason("socket", path)) }
        Self.removeSocket(path)
        // Nobody can connect between bind and listen, so the mode is right before anybody could use the socket.
        guard address.use({ bind(descriptor, $0, $1) }) == 0, chmod(path, 0o600) == 0, listen(descriptor, 64) == 0
        else {
            let reason = SocketAddress.reason("listen on", path)
            close(descriptor)
            throw LedgerUnavailable(.unreachable, reason)
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func remove() { Self.removeSocket(path) }

    private static func removeSocket(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    }

    /// Nil when the socket was shut down.
    func accept() async -> FrameSocket? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [descriptor] in
                    while true {
                        let accepted = zos_accept(descriptor)
                        if accepted >= 0 { return continuation.resume(returning: FrameSocket(taking: accepted)) }
                        switch -accepted {
                        case EINTR, ECONNABORTED: continue
                        // Out of descriptors or memory: others give some back, and this queue may wait for that.
                        case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(100_000)
                        default: return continuation.resume(returning: nil)
                        }
                    }
                }
            }
        } onCancel: {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }
}
