import Addresses
import CHost
import Foundation
import Netlink

/// The networks of a development node, none of them the machine's own: namespace `host` for the node and `segment`, the
/// public network with its router, which the node's public bridge is wired to.
///
///     segment: node0 198.51.100.1/24, 2001:db8:1::1/64  ──veth──  host: br-public 198.51.100.2/24, 2001:db8:1::2/64
///                                                                       br-node   100.127.0.1/16, networks' way out
struct DevelopmentNetwork: Sendable {
    static let publicBridge = "br-public"
    static let nodeBridge = "br-node"
    static let publicGateways = ["198.51.100.1", "2001:db8:1::1"]
    static let publicRanges = ["198.51.100.0/24", "2001:db8:1::/64"]
    static let nodeRange = "100.127.0.0/16"
    static let nodeGateway = "100.127.0.1"
    static let nodeAddress = "198.51.100.2"
    private static let forwarding = ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]
    /// Addresses work at once; nobody else can have them here.
    private static let noDuplicateCheck = ["ipv6/conf/all/accept_dad", "ipv6/conf/default/accept_dad"]

    let folder: String
    var host: String { folder + "/host" }
    var segment: String { folder + "/segment" }

    /// Makes what is missing.
    func make() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (host, segment) = (try open(host), try open(segment))
        defer {
            close(host)
            close(segment)
        }
        try setUp(host)
        try setUp(segment)
        try NamespaceThread.routes(in: host) { routes in
            let bridge = try Self.bridge(Self.publicBridge, routes)
            if try routes.link(named: "uplink") == nil {
                let peer = NewLink.Peer(name: "node0", namespace: segment)
                _ = try routes.create(NewLink(name: "uplink", kind: .veth(peer: peer), master: bridge, isUp: true))
            }
            try Self.add([Self.nodeAddress + "/24", "2001:db8:1::2/64"], to: bridge, routes)
            try Self.add([Self.nodeGateway + "/16"], to: try Self.bridge(Self.nodeBridge, routes), routes)
        }
        try NamespaceThread.routes(in: segment) { routes in
            guard let link = try routes.link(named: "node0") else {
                throw CommandError(
                    .failed, "the public segment lost its link", hint: "remove it with 'zos down --remove'")
            }
            try routes.change(link.index, LinkChange(isUp: true))
            try Self.add(
                Self.publicGateways.enumerated().map { $1 + ($0 == 0 ? "/24" : "/64") }, to: link.index, routes)
            try routes.set(
                Route(
                    to: try Self.address(Self.nodeRange), by: try IPAddress(parsing: Self.nodeAddress).bytes,
                    link: link.index))
        }
        try NamespaceThread.routes(in: host) { routes in
            guard let bridge = try routes.link(named: Self.publicBridge) else { return }
            for gateway in Self.publicGateways {
                try routes.set(Route(defaultBy: try IPAddress(parsing: gateway).bytes, link: bridge.index))
            }
        }
    }

    /// Takes both away with everything in them.
    func remove() {
        for path in [host, segment] { zos_netns_delete(path) }
        rmdir(folder)
    }

    /// Opens a pinned namespace, or makes it. A file that nothing is mounted on (after a boot) is replaced.
    private func open(_ path: String) throws -> Int32 {
        let kindRequest: UInt = 0xb703  // NS_GET_NSTYPE
        let found = zos_namespace_open(path)
        if found >= 0 {
            if ioctl(found, kindRequest) == 0x4000_0000 { return found }
            close(found)
            unlink(path)
        }
        let made = zos_netns_create(path)
        guard made >= 0 else {
            throw CommandError(
                .failed, "the network namespace \(path) cannot be made: \(String(cString: strerror(-made)))",
                hint: "run 'zos up' as root")
        }
        // Older forms of the call hand back nothing to use.
        let opened = zos_namespace_open(path)
        guard opened >= 0 else { throw CommandError(.failed, "\(path): \(String(cString: strerror(-opened)))") }
        if made > 0 { close(made) }
        return opened
    }

    private func setUp(_ namespace: Int32) throws {
        try NamespaceThread.run(in: namespace) {
            for key in Self.noDuplicateCheck { try NamespaceThread.set(key, "0") }
            for key in Self.forwarding { try NamespaceThread.set(key, "1") }
        }
    }

    private static func bridge(_ name: String, _ routes: RouteNetlink) throws -> UInt32 {
        if try routes.link(named: name) == nil {
            let options = BridgeOptions(forwardDelay: 0, hasSpanningTree: false, snoopsMulticast: false)
            _ = try routes.create(NewLink(name: name, kind: .bridge(options), isUp: true))
        }
        guard let link = try routes.link(named: name) else { throw CommandError(.failed, "\(name) cannot be made") }
        return link.index
    }

    private static func add(_ addresses: [String], to link: UInt32, _ routes: RouteNetlink) throws {
        for text in addresses { _ = try routes.add(try address(text), to: link) }
    }

    private static func address(_ text: String) throws -> InterfaceAddress {
        let range = try CIDR(parsing: text)
        guard let address = InterfaceAddress(bytes: range.address.bytes, prefix: UInt8(clamping: range.prefix)) else {
            throw CommandError(.failed, "\(text) is no address")
        }
        return address
    }
}
