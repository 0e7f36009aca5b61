import CHost
import Glibc
import Hosting
import Netlink

/// Two network namespaces with a cable between them, for as long as the object lives. They have no name and no way out.
final class BenchmarkLink: Sendable {
    enum Kind: String, CaseIterable, Sendable { case tcp, udp }

    enum End: Sendable {
        case near, far

        var address: String { self == .near ? "169.254.77.1" : "169.254.77.2" }
        fileprivate var bytes: [UInt8] { [169, 254, 77, self == .near ? 1 : 2] }
        fileprivate var other: End { self == .near ? .far : .near }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ attempt: String, _ number: Int32) {
            description = "cannot \(attempt): \(String(cString: strerror(number)))"
        }
    }

    static let port: UInt16 = 5201

    private let near: OwnedDescriptor
    private let far: OwnedDescriptor

    /// Blocks. Needs the right to make network namespaces.
    init() throws {
        near = OwnedDescriptor(taking: try Self.checked(zos_netns_new(-1), "make a network namespace"))
        far = OwnedDescriptor(taking: try Self.checked(zos_netns_new(-1), "make a network namespace"))
        let socket = OwnedDescriptor(taking: try Self.route(near.number))
        let routes = RouteNetlink(descriptor: socket.number)
        try routes.create(NewLink(name: "near", kind: .veth(peer: NewLink.Peer(name: "far", namespace: far.number))))
        try Self.raise("near", .near, routes)
        let other = OwnedDescriptor(taking: try Self.route(far.number))
        try Self.raise("far", .far, RouteNetlink(descriptor: other.number))
    }

    /// Blocks for at most a second. The sender is at `end`.
    func connect(_ kind: Kind, from end: End) throws -> (sender: OwnedDescriptor, receiver: OwnedDescriptor) {
        let type = Int32((kind == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        let target = try socket(end.other, type)
        try Self.checked(Self.withAddress(end.other) { bind(target.number, $0, $1) }, "bind")
        if kind == .tcp { try Self.checked(listen(target.number, 1), "listen") }
        let sender = try socket(end, type)
        try Self.checked(Self.withAddress(end.other) { Glibc.connect(sender.number, $0, $1) }, "connect")
        guard kind == .tcp else { return (sender, target) }
        let receiver = OwnedDescriptor(taking: try Self.checked(zos_accept(target.number), "accept"))
        try Self.limit(receiver.number)
        return (sender, receiver)
    }

    private func socket(_ end: End, _ type: Int32) throws -> OwnedDescriptor {
        let place = end == .near ? near : far
        let socket = OwnedDescriptor(
            taking: try Self.checked(zos_socket_in(place.number, AF_INET, type, 0), "open a socket"))
        var isOn: Int32 = 1
        setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        try Self.limit(socket.number)
        return socket
    }

    /// No call on the socket waits longer than a second.
    private static func limit(_ socket: Int32) throws {
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let result = setsockopt(socket, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
            guard result == 0 else { throw Failure("limit a socket", errno) }
        }
    }

    private static func route(_ namespace: Int32) throws -> Int32 {
        try checked(zos_socket_in(namespace, 16, Int32(SOCK_RAW.rawValue), 0), "open a netlink socket")
    }

    private static func raise(_ name: String, _ end: End, _ routes: RouteNetlink) throws {
        guard let link = try routes.link(named: name), let address = InterfaceAddress(bytes: end.bytes, prefix: 24)
        else {
            throw Failure("find the link \(name)", ENODEV)
        }
        try routes.add(address, to: link.index)
        try routes.change(link.index, LinkChange(isUp: true))
    }

    private static func withAddress(_ end: End, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = end.bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // SAFETY: a sockaddr_in is what the system expects behind a sockaddr pointer of this family.
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let result = body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                return result < 0 ? -errno : result
            }
        }
    }

    /// Passes a result through, or throws if it is a negative errno (-1 with errno counts as one too).
    @discardableResult
    private static func checked(_ result: Int32, _ attempt: String) throws -> Int32 {
        guard result < 0 else { return result }
        throw Failure(attempt, -result)
    }
}
