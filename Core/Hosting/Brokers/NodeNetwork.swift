import CHost
import Glibc
import JSON
import Netlink

/// The node's own network namespace and those of its plugins, as places where links are made.
///
/// Sockets are opened on throw-away threads inside a place; nothing here moves the calling thread.
struct NodeNetwork: Sendable {
    /// The namespace that this process was started in.
    let node: OwnedDescriptor
    private let folder: String

    init(namespaces: String) throws(HostingError) {
        node = OwnedDescriptor(
            taking: try checked(zos_namespace_open("/proc/self/ns/net"), "open the node's namespace"))
        folder = namespaces
        try SmallFile.makeFolder(namespaces, mode: 0o755)
    }

    func path(_ namespace: String) -> String { "\(folder)/\(namespace)" }

    /// The pinned namespace of that name, or nil if there is none (a file that nothing is mounted on is none).
    func open(_ namespace: String) throws(HostingError) -> OwnedDescriptor? {
        let path = path(namespace)
        let descriptor = zos_namespace_open(path)
        if descriptor == -ENOENT { return nil }
        let opened = OwnedDescriptor(taking: try checked(descriptor, "open \(path)"))
        let kindRequest: UInt = 0xb703  // NS_GET_NSTYPE
        let networkKind: Int32 = 0x4000_0000  // CLONE_NEWNET
        guard ioctl(opened.number, kindRequest) == networkKind else { return nil }
        guard zos_inode(opened.number) != zos_inode(node.number) else {
            throw HostingError(.denied, "\(path) is the node's own namespace")
        }
        return opened
    }

    /// The place: a namespace by name, or the node's.
    func place(_ namespace: String?) throws(HostingError) -> OwnedDescriptor {
        guard let namespace else { return node }
        guard let opened = try open(namespace) else {
            throw HostingError(.invalid, "there is no namespace \(namespace)")
        }
        return opened
    }

    /// Runs `body` with a route socket opened in that place.
    func route<Result>(
        in place: OwnedDescriptor, _ body: (RouteNetlink) throws(NetlinkError) -> Result
    ) throws(HostingError) -> Result {
        let socket = OwnedDescriptor(
            taking: try checked(
                zos_socket_in(place.number, 16, Int32(SOCK_RAW.rawValue), NetlinkProtocol.route.rawValue),
                "open a netlink socket"))
        defer { withExtendedLifetime(socket) {} }
        do { return try body(RouteNetlink(descriptor: socket.number)) } catch {
            let code: HostingError.Code =
                switch error.number {
                case EOPNOTSUPP: .unsupported
                case EEXIST, EINVAL, ENODEV: .invalid
                default: .operationFailed
                }
            throw HostingError(code, error.description)
        }
    }

    /// Writes a value below `/proc/sys/net` as seen from that place. Blocks; only on a thread of one's own.
    func set(_ key: [String], _ value: String, in place: OwnedDescriptor) throws(HostingError) {
        try checked(zos_setns(place.number, 0x4000_0000), "enter the namespace")
        let here = OwnedDescriptor(
            taking: try checked(zos_namespace_open("/proc/thread-self/ns/net"), "look at the namespace"))
        guard zos_inode(here.number) == zos_inode(place.number) else {
            throw HostingError(.operationFailed, "the thread did not enter the namespace")
        }
        let path = "/proc/sys/" + key.joined(separator: "/")
        let file = OwnedDescriptor(
            taking: try checked(
                zos_openat2(AT_FDCWD, path, UInt64(O_WRONLY | O_CLOEXEC), 0, 0x04), "open \(path)"))
        try SmallFile.write(file.number, Array(value.utf8), "set \(path)")
    }

    /// No IPv6 on a link of that place: neither addresses nor router advertisements.
    func silenceIPv6(_ link: String, in place: OwnedDescriptor) throws(HostingError) {
        // Absent on kernels without IPv6, where there is nothing to silence.
        guard access("/proc/sys/net/ipv6", F_OK) == 0 else { return }
        try set(["net", "ipv6", "conf", link, "accept_ra"], "0", in: place)
        try set(["net", "ipv6", "conf", link, "disable_ipv6"], "1", in: place)
    }
}
