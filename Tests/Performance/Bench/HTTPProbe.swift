import Baseline
import Foundation

/// Asks a web server, over and over, until it answers.
enum HTTPProbe {
    /// `ADDRESS SECONDS`: prints the clock's nanoseconds at the first answer.
    static func wait(for words: [String]) throws {
        guard words.count == 2, let seconds = Double(words[1]) else { throw BenchError("probe ADDRESS SECONDS") }
        let end = bench_now() + UInt64(seconds * 1e9)
        while bench_now() < end {
            if let connection = try? connect(to: words[0], port: 80, patience: 1) {
                defer { close(connection) }
                let answer = exchange("GET /index.html HTTP/1.0\r\n\r\n", over: connection)
                if let answer, answer.hasPrefix("HTTP/1.") && answer.contains(" 200 ") { return print(bench_now()) }
            }
            usleep(10_000)
        }
        throw BenchError("\(words[0]) did not answer within \(words[1]) s")
    }

    /// - Parameter patience: seconds for connecting, and for each answer.
    static func connect(to address: String, port: UInt16, patience: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("no socket") }
        var time = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = inet_addr(address)
        let result = withUnsafePointer(to: &name) { pointer in
            // SAFETY: sockaddr_in is a sockaddr of its own length, which is what the call gets.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw BenchError("\(address):\(port) cannot be reached")
        }
        return descriptor
    }

    /// Sends a request and returns what the first read brings of the answer.
    static func exchange(_ request: String, over connection: Int32) -> String? {
        guard send(connection, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
            return nil
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
