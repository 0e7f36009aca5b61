import Glibc
import Netlink
import PluginSDK

/// A connection to the configuration socket of wireguard-go, which answers within a millisecond.
struct UserspaceConnection {
    private let socket: Descriptor

    /// An answer with a thousand peers of a hundred ranges each stays below.
    private static let longestAnswer = 8 << 20
    /// Milliseconds.
    private static let patience: Int32 = 5_000

    /// Waits for the socket of the companion that runs `link`.
    init(_ link: String, in context: Context) async throws {
        socket = try await context.companions.connect(link, socket: Tunnel.socket(of: link))
    }

    func apply(_ change: WireGuardChange) throws {
        _ = try UserspaceProtocol.device(from: try ask(UserspaceProtocol.request(for: change)))
    }

    func read() throws -> WireGuardDevice {
        try UserspaceProtocol.device(from: try ask(UserspaceProtocol.read))
    }

    func ask(_ request: String) throws -> String {
        try write(Array(request.utf8))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // The empty line is the end: the other side keeps the connection open.
        while !answer.suffix(2).elementsEqual([0x0a, 0x0a]) {
            try wait(for: Int16(POLLIN))
            // SAFETY: the buffer is ours and as long as we say.
            let count = buffer.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw PluginError.failed("wireguard-go closed its configuration socket") }
            answer += buffer.prefix(count)
            guard answer.count <= Self.longestAnswer else { throw PluginError.failed("wireguard-go answers too much") }
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: Int16(POLLOUT))
            // SAFETY: the slice is valid for the call. MSG_NOSIGNAL: a closed peer is an error, not a signal.
            let count = rest.withUnsafeBytes {
                send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw PluginError.failed("wireguard-go closed its configuration socket") }
            rest = rest.dropFirst(count)
        }
    }

    private func wait(for events: Int16) throws {
        var poller = pollfd(fd: socket.number, events: events, revents: 0)
        var ready: Int32 = -1
        repeat { ready = poll(&poller, 1, Self.patience) } while ready < 0 && errno == EINTR
        guard ready > 0 else { throw PluginError.failed("wireguard-go does not answer on its configuration socket") }
    }
}
