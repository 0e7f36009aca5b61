import Dispatch
import Glibc

/// A connected UNIX socket that carries lines. The system calls block on a queue of the socket's own.
final class LineSocket: Sendable {
    /// Bytes of the longest line.
    static let maxLine = 4 << 20

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "zos.control.socket")

    /// Takes over a connected socket.
    init(taking descriptor: Int32) {
        self.descriptor = descriptor
        var value = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Connects to a path. Throws `ControlError` with the code `unavailable`.
    static func connect(to path: String) throws(ControlError) -> LineSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw unreachable(path) }
        let socket = LineSocket(taking: descriptor)
        guard let address = UnixAddress(path), address.use({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw unreachable(path)
        }
        return socket
    }

    private static func unreachable(_ path: String) -> ControlError {
        ControlError(
            "unavailable", "the node cannot be reached at \(path): \(String(cString: strerror(errno)))",
            hint: "is it running, and are you its user?")
    }

    /// The user at the other end, as the kernel knows it; nil if it does not tell.
    var peerUser: uid_t? {
        // struct ucred: process, user, group.
        var credentials: [UInt32] = [0, .max, .max]
        var length = socklen_t(MemoryLayout<UInt32>.stride * credentials.count)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return credentials[1]
    }

    /// Ends the connection for both sides; waiting calls return.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends a line; its text must have no line end. Throws `ControlError` with the code `unavailable`.
    func send(_ text: String) async throws(ControlError) {
        try await blocking { () throws(ControlError) in
            var rest = (Array(text.utf8) + [UInt8(ascii: "\n")])[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw ControlError("unavailable", "the other side does not read") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The next line without its end; nil when the connection ends before its first byte.
    ///
    /// - Parameter patience: how long the whole line may take.
    /// - Throws: `ControlError`: `timed_out`, `bad_request` (a line without end, or one that is too long).
    func receive(within patience: Duration) async throws(ControlError) -> [UInt8]? {
        try await blocking { () throws(ControlError) in try self.readLine(until: .now + patience) }
    }

    private func readLine(until end: ContinuousClock.Instant) throws(ControlError) -> [UInt8]? {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let left = end - .now
            guard left > .zero else { throw ControlError("timed_out", "no whole line came in time") }
            var value = timeval(tv_sec: Int(left.components.seconds), tv_usec: 100_000)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else {
                if line.isEmpty { return nil }
                throw ControlError("bad_request", "the connection ended inside a line")
            }
            guard let newline = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) else {
                line += chunk[..<count]
                guard line.count <= Self.maxLine else {
                    throw ControlError("bad_request", "a line has at most \(Self.maxLine) bytes")
                }
                continue
            }
            // One request at a time: what follows the line is not of this protocol.
            return line + chunk[..<newline]
        }
    }

    private func blocking<T: Sendable>(
        _ body: @escaping @Sendable () throws(ControlError) -> T
    ) async throws(ControlError) -> T {
        let outcome: Result<T, ControlError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: Result(catching: body)) }
            }
        } onCancel: {
            end()
        }
        return try outcome.get()
    }
}

/// A path as the system takes it; nil if it is too long.
struct UnixAddress {
    private var address = sockaddr_un()

    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func use(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        // SAFETY: sockaddr_un is what the system expects behind a sockaddr pointer of this family.
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
