import Glibc
import Synchronization

/// A web server of one test on 127.0.0.1: what it answers, and what it was asked.
public final class FixtureServer: Sendable {
    public enum Page: Sendable {
        case content([UInt8])
        /// Without a length: the end of the connection is the end of the content.
        case unsized([UInt8])
        case status(Int)
        case redirect(String)
        /// Half of the content, and the rest when `release` is called.
        case held([UInt8])
    }

    private struct State {
        var pages: [String: Page] = [:]
        var hits: [String] = []
        var isReleased = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    public let port: UInt16

    public init() {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = length
        let listener = listener
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, size)
                _ = listen(listener, 64)
                _ = getsockname(listener, pointer, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        FixtureThread.start { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                FixtureThread.start { self.serve(connection) }
            }
        }
    }

    /// Ends it; nobody is answered afterwards.
    public func stop() {
        release()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
    public func set(_ path: String, _ page: Page?) { state.withLock { $0.pages[path] = page } }
    public func set(blocks: [String: [UInt8]]) {
        for (name, bytes) in blocks { set("/blocks/\(name.prefix(2))/\(name)", .content(bytes)) }
    }
    /// Paths in the order of the requests.
    public var hits: [String] { state.withLock { $0.hits } }
    public func count(_ prefix: String) -> Int { hits.count { $0.hasPrefix(prefix) } }
    public func release() { state.withLock { $0.isReleased = true } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var (request, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 4096))
        while !request.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            request += chunk[..<count]
        }
        let path = String(decoding: request.split(separator: 32).dropFirst().first ?? [], as: UTF8.self)
        let page = state.withLock { state in
            state.hits.append(path)
            return state.pages[path]
        }
        switch page {
        case .content(let bytes)?:
            send(connection, "HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n")
            send(connection, bytes)
        case .unsized(let bytes)?:
            send(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            send(connection, bytes)
        case .status(let status)?: send(connection, "HTTP/1.1 \(status) X\r\nContent-Length: 4\r\n\r\nbody")
        case .redirect(let url)?:
            send(connection, "HTTP/1.1 302 X\r\nLocation: \(url)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        case .held(let bytes)?:
            send(connection, "HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n")
            send(connection, Array(bytes[..<(bytes.count / 2)]))
            while !state.withLock({ $0.isReleased }) { usleep(2000) }
            send(connection, Array(bytes[(bytes.count / 2)...]))
        case nil: send(connection, "HTTP/1.1 404 X\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnone")
        }
    }

    private func send(_ connection: Int32, _ text: String) { send(connection, Array(text.utf8)) }

    private func send(_ connection: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Threads of tests, for what blocks.
public enum FixtureThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    public static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Body(body)).toOpaque())
        pthread_detach(thread)
    }
}
