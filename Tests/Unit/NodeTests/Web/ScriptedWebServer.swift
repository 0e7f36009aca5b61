import Foundation
import Glibc
import Synchronization

/// A web server on 127.0.0.1 that answers what it is told to, one connection after the other.
final class ScriptedWebServer: Sendable {
    enum Answer: Sendable {
        case status(Int, String)
        /// Takes the request and never answers.
        case silence
        /// Closes the connection.
        case hangUp
    }

    private let script: Mutex<[Answer]>
    private let received = Mutex<[String]>([])
    private let listener: Int32
    private let ended = DispatchSemaphore(value: 0)
    let port: UInt16

    /// - Parameter script: the answers in order; the last one is repeated.
    init(_ script: [Answer]) throws {
        self.script = Mutex(script)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else { throw NotWithinTime(description: "no server: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { self.serve() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// Everything of each request.
    var requests: [String] { received.withLock { $0 } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        ended.wait()
        close(listener)
    }

    private func serve() {
        defer { ended.signal() }
        var silent: [Int32] = []
        defer { for connection in silent { close(connection) } }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            read(connection)
            let answer = script.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .hangUp }
            switch answer {
            case .silence: silent.append(connection)
            case .hangUp: close(connection)
            case .status(let status, let body):
                let text =
                    "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                shutdown(connection, Int32(SHUT_WR))
                close(connection)
            }
        }
    }

    private func read(_ connection: Int32) {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 4096)
        while !Self.isWhole(text) {
            let count = recv(connection, &bytes, bytes.count, 0)
            guard count > 0 else { break }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        received.withLock { $0.append(text) }
    }

    private static func isWhole(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        return text[end.upperBound...].utf8.count >= length ?? 0
    }
}
