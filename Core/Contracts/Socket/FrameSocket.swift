import Dispatch
import Glibc
import JSON

/// A connected UNIX socket that carries JSON frames: four bytes of length, big-endian, then the text.
///
/// The system calls block on a queue of this socket's own. Cancelling the waiting task shuts the connection down.
final class FrameSocket: Sendable {
    /// The largest frame that is read; the events of a full block stay far below it.
    static let maxFrame = 4 << 20

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "zos.ledger.socket")

    /// Takes over a connected socket.
    init(taking descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to a path.
    static func connect(to path: String) throws(LedgerUnavailable) -> FrameSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LedgerUnavailable(.unreachable, SocketAddress.reason("socket", path)) }
        let connection = FrameSocket(taking: descriptor)
        guard let address = SocketAddress(path) else {
            throw LedgerUnavailable(.unreachable, "\(path) is too long for a socket's path")
        }
        guard address.use({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw LedgerUnavailable(.unreachable, SocketAddress.reason("connect to the ledger at", path))
        }
        return connection
    }

    /// Ends the connection for both sides; waiting calls return.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ value: JSONValue) async throws(LedgerUnavailable) {
        let text = Array(value.text.utf8)
        let length = UInt32(truncatingIfNeeded: text.count)
        guard text.count <= Self.maxFrame else {
            throw LedgerUnavailable(.malformed, "a message of \(text.count) bytes is too long for the ledger's socket")
        }
        let frame = withUnsafeBytes(of: length.bigEndian) { Array($0) } + text
        try await blocking { () throws(LedgerUnavailable) in try self.writeAll(frame) }
    }

    /// The next frame, nil at the end of the connection.
    /// - Parameter timeout: how long the peer may be silent.
    func receive(timeout: Duration?) async throws(LedgerUnavailable) -> JSONValue? {
        try await blocking { () throws(LedgerUnavailable) in
            self.setTimeout(timeout)
            guard let header = try self.readExactly(4) else { return nil }
            let length = header.reduce(0) { $0 << 8 | Int($1) }
            guard length <= Self.maxFrame else {
                throw LedgerUnavailable(.malformed, "a frame of \(length) bytes is longer than \(Self.maxFrame)")
            }
            guard let body = try self.readExactly(length) else {
                throw LedgerUnavailable(.unreachable, "the connection ended inside a message")
            }
            do {
                return try JSONValue(parsing: body)
            } catch {
                throw LedgerUnavailable(.malformed, "a message is no JSON: \(error)")
            }
        }
    }

    private func blocking<T: Sendable>(
        _ body: @escaping @Sendable () throws(LedgerUnavailable) -> T
    ) async throws(LedgerUnavailable) -> T {
        let outcome: Result<T, LedgerUnavailable> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: Result(catching: body)) }
            }
        } onCancel: {
            end()
        }
        return try outcome.get()
    }

    private func setTimeout(_ timeout: Duration?) {
        var value = timeval(tv_sec: Int(timeout?.components.seconds ?? 0), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    private func writeAll(_ bytes: [UInt8]) throws(LedgerUnavailable) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw LedgerUnavailable(.unreachable, SocketAddress.reason("write to", "the ledger"))
            }
            offset += count
        }
    }

    /// Nil when the connection ends before the first byte.
    private func readExactly(_ count: Int) throws(LedgerUnavailable) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var offset = 0
        while offset < count {
            let received = bytes[offset...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if received < 0 && errno == EINTR { continue }
            if received == 0 && offset == 0 { return nil }
            if received < 0 && errno == EAGAIN {
                throw LedgerUnavailable(.timedOut, "the ledger did not answer in time")
            }
            guard received > 0 else {
                throw LedgerUnavailable(.unreachable, SocketAddress.reason("read from", "the ledger"))
            }
            offset += received
        }
        return bytes
    }
}
