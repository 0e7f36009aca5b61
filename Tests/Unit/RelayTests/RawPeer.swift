import Foundation
import Glibc
import RMB
import Signatures
import Testing

@testable import Relay

/// A connection to a relay, byte by byte, so that it can also be wrong. It waits on threads of its own.
final class RawPeer: Sendable {
    /// What comes over a WebSocket.
    enum Frame: Sendable, Equatable {
        case binary([UInt8])
        case pong([UInt8])
        case close(UInt16)
        /// The connection ended.
        case end
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(port).bigEndian
        target.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        // No test waits longer than this for a relay.
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    /// A session of a twin, connected.
    static func connected(port: Int, as address: RelayAddress, key: KeyPair) async throws -> RawPeer {
        let peer = try RawPeer(port: port)
        let token = RelayToken.make(
            for: address.twin, session: try address.session.map { try SessionName($0) }, key: key, at: .now())
        let answer = try await peer.upgrade(query: token)
        try #require(answer.status == 101, "\(answer.body)")
        return peer
    }

    /// - Parameter query: nil for no question mark.
    func upgrade(query: String?, path: String = "/") async throws -> (status: Int, body: String) {
        try await request(
            "GET \(path)\(query.map { "?\($0)" } ?? "") HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    }

    /// Sends a request and reads the answer: the head, and as much as its length says.
    func request(_ head: String, body: [UInt8] = []) async throws -> (status: Int, body: String) {
        write(Array(head.utf8) + body)
        return try await onThread { [self] in
            var text: [UInt8] = []
            while !text.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
                let next = read(1)
                guard !next.isEmpty else { break }
                text += next
            }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\r\n")
            let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            let length =
                lines.first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
            return (status, String(decoding: read(length), as: UTF8.self))
        }
    }

    func post(_ envelope: [UInt8]) async throws -> (status: Int, body: String) {
        try await request(
            "POST / HTTP/1.1\r\nHost: relay\r\nContent-Length: \(envelope.count)\r\n\r\n", body: envelope)
    }

    /// A frame of a client; in a real one the mask would be random.
    func send(_ payload: [UInt8], opcode: UInt8 = 2, isFinal: Bool = true) {
        let mask: [UInt8] = [1, 2, 3, 4]
        var frame = [opcode | (isFinal ? 0x80 : 0)]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default: frame += [0x80 | 127] + withUnsafeBytes(of: UInt64(payload.count).bigEndian) { Array($0) }
        }
        write(frame + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] })
    }

    func receive() async throws -> Frame {
        try await onThread { [self] in
            let head = read(2)
            guard head.count == 2 else { return .end }
            var length = Int(head[1] & 0x7f)
            if length == 126 { length = read(2).reduce(0) { $0 << 8 | Int($1) } }
            if length == 127 { length = read(8).reduce(0) { $0 << 8 | Int($1) } }
            let payload = read(length)
            switch head[0] & 0x0f {
            case 2: return .binary(payload)
            case 10: return .pong(payload)
            case 8: return .close(payload.prefix(2).reduce(0) { $0 << 8 | UInt16($1) })
            default: return .end
            }
        }
    }

    func envelope() async throws -> RelayEnvelope {
        let frame = try await receive()
        guard case .binary(let bytes) = frame else {
            Issue.record("\(frame) is no envelope")
            return RelayEnvelope()
        }
        return try RelayEnvelope(parsing: bytes)
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(descriptor, &part, part.count, 0)
            guard received > 0 else { break }
            bytes += part[..<received]
        }
        return bytes
    }

    private func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
