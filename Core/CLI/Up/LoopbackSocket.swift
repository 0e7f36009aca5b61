import Glibc

/// A socket that listens on the machine's loopback, made outside the node's namespace, for its message bus.
enum LoopbackSocket {
    /// - Parameter port: wanted port; 0, or one that is taken, gives another.
    static func listen(port: UInt16) throws(CommandError) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure() }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, port) || bind(descriptor, 0), Glibc.listen(descriptor, 128) == 0,
            let bound = boundPort(descriptor)
        else {
            let error = failure()
            close(descriptor)
            throw error
        }
        return (descriptor, bound)
    }

    private static func bind(_ descriptor: Int32, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // SAFETY: sockaddr_in is what the system expects behind a sockaddr pointer of this family.
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        } == 0
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: as above; the system writes at most `length` bytes.
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func failure() -> CommandError {
        CommandError(.failed, "no port of 127.0.0.1 can be listened on: \(String(cString: strerror(errno)))")
    }
}
