import Glibc

/// The netlink families that are spoken here.
public enum NetlinkProtocol: Int32, Sendable {
    case route = 0
    case netfilter = 12
    case generic = 16

    /// Opens a socket in the calling thread's network namespace; the caller closes it.
    ///
    /// For the node and for tests: the sandbox of a plugin refuses it and hands out open sockets instead.
    public func open() throws(NetlinkError) -> Int32 {
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(16, kind, rawValue)
        guard descriptor >= 0 else { throw NetlinkError(errno, "open a netlink socket of family \(self)") }
        // Ask for the kernel's words beside its numbers (NETLINK_EXT_ACK), without the refused message (NETLINK_CAP_ACK).
        for option in [Int32(11), 10] {
            var isOn: Int32 = 1
            // Older kernels lack them, and then errors are only terser: no reason to fail.
            _ = setsockopt(descriptor, 270, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
        return descriptor
    }
}
