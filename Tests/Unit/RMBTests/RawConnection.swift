import Foundation
import Glibc
import Testing

@testable import RMB

/// A TCP connection for bytes that no well-behaved client sends. It waits on threads of its own: the shared ones
/// answer.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init(to address: PeerAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(address.port).bigEndian
        target.sin_addr.s_addr = inet_addr(address.host)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        // No test waits longer than this for a peer.
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// Everything until the peer closes, or until the text is complete in the eyes of the caller.
    func receive(until isComplete: @escaping @Sendable (String) -> Bool = { _ in false }) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.read(until: isComplete)) }
        }
    }

    private func read(until isComplete: (String) -> Bool) -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isComplete(text) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return text
    }

    /// Sends and reads until there is a whole answer.
    static func exchange(with address: PeerAddress, _ request: String) async throws -> String {
        let connection = try RawConnection(to: address)
        connection.send(request)
        return await connection.receive { $0.contains("\r\n\r\n") && $0.last != "\n" || $0.hasSuffix("}\n") }
    }
}

/// Asks again until the condition holds; fails after ten seconds.
func waitUntil(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "waited ten seconds in vain")
        try await Task.sleep(for: .milliseconds(2))
    }
}
