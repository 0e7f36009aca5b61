import Glibc

/// The address of a UNIX socket in the file system.
struct SocketAddress {
    private var address = sockaddr_un()

    /// Nil if the path does not fit (107 bytes).
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return nil
        }
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

    /// A sentence with the last error of the system.
    static func reason(_ what: String, _ path: String) -> String {
        let cause = errno == 0 ? "the connection ended" : String(cString: strerror(errno))
        return "\(what) \(path): \(cause)"
    }
}
