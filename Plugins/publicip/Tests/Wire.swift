import CHost
import Glibc
import Testing

/// Sends and sees raw frames on a link of a namespace.
final class Wire {
    private let socket: Int32
    private let index: UInt32
    private static let magic: [UInt8] = [0x5a, 0x4f, 0x53, 0x21]

    init(_ namespace: Int32, link index: UInt32) throws {
        // AF_PACKET, every protocol.
        socket = zos_socket_in(namespace, 17, Int32(SOCK_RAW.rawValue), Int32(UInt16(3).bigEndian))
        self.index = index
        try #require(socket >= 0)
        let bound = address { bind(socket, $0, $1) }
        try #require(bound == 0)
    }

    deinit { close(socket) }

    /// Sends a frame, marked with a number at its end.
    func send(_ frame: [UInt8], number: UInt8) {
        let bytes = frame + Self.magic + [number]
        _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
    }

    /// The numbers of the marked frames that have come until one with `last` did, at most for `milliseconds`.
    func numbers(until last: UInt8, within milliseconds: Int32) -> Set<UInt8> {
        var seen: Set<UInt8> = []
        var buffer = [UInt8](repeating: 0, count: 2_048)
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(Int(milliseconds))
        while clock.now < deadline, !seen.contains(last) {
            var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 20) > 0 else { continue }
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 5, buffer[(count - 5)..<(count - 1)].elementsEqual(Self.magic) else { continue }
            seen.insert(buffer[count - 1])
        }
        return seen
    }

    /// `sockaddr_ll` of the link.
    private func address<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value? {
        var bytes = [UInt8](repeating: 0, count: 20)
        bytes[0] = 17
        bytes[3] = 3
        withUnsafeBytes(of: index) { bytes.replaceSubrange(4..<8, with: $0) }
        return bytes.withUnsafeMutableBufferPointer { raw in
            raw.withMemoryRebound(to: sockaddr.self) { rebound in
                // SAFETY: twenty bytes laid out as sockaddr_ll, valid for the call.
                rebound.baseAddress.map { body($0, 20) }
            }
        }
    }
}
