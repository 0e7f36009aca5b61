import CHost
import Glibc
import JSON
import Netlink
import PluginSDK
import TestHost
import Testing

@testable import NetworkProvisioner

/// Two nodes with a wire between them, each with its part of one network. Needs root.
@Suite("network traffic", .serialized)
struct NetworkTrafficTests {
    private let plugin = makeNetworkPlugin()
    private let nodes: [KernelHost]
    // Private keys and the public ones that belong to them.
    private let keys = [
        ("iNXFjnMuf/X3/PkAJNmnBK5jgOpYm1/uA9X1YmGcY3A=", "bnSR7j576yu6NuzEjiEiQCYSuDWzxEdcpwNzHdQcbQo="),
        ("iJQgpfIkEnuCWf0HmEXieztfb5akQVeRiNMZkdwQ3lA=", "u/JlYZFf0lTh1divzU3x/TBtx0iWxS2dvvu1Q8bbwn0="),
    ]

    init() throws {
        nodes = [try KernelHost(), try KernelHost()]
        let peer = NewLink.Peer(name: "wire", namespace: nodes[1].node)
        let wire = NewLink(name: "wire", kind: .veth(peer: peer))
        _ = try nodes[0].withRoutes(in: nodes[0].node) { try $0.create(wire) }
        for (number, node) in nodes.enumerated() {
            try node.withRoutes(in: node.node) { routes in
                let link = try #require(try routes.link(named: "wire"))
                let address = try #require(InterfaceAddress(bytes: [192, 0, 2, UInt8(number + 1)], prefix: 24))
                try routes.add(address, to: link.index)
                try routes.change(link.index, LinkChange(isUp: true))
            }
        }
    }

    /// The part of a node, with the other one as a peer and perhaps more.
    private func network(_ number: Int, more: [Network.Peer] = []) -> Network {
        let other = 1 - number
        let peer = Network.Peer(
            subnet: "10.20.\(other + 3).0/24", publicKey: keys[other].1,
            allowedIPs: ["10.20.\(other + 3).0/24", "100.64.20.\(other + 3)/32"],
            endpoint: "192.0.2.\(other + 1):4000")
        return Network(
            range: "10.20.0.0/16", subnet: "10.20.\(number + 3).0/24", privateKey: Secret(keys[number].0),
            listenPort: 4000, peers: [peer] + more)
    }

    @Test("machines of two nodes talk through the tunnel, also while peers are added and removed")
    func talk() async throws {
        for (number, node) in nodes.enumerated() {
            _ = try await plugin.serve(.provision, try Sample.request(network(number)), in: Context(host: node))
        }
        let names = NetworkNames(twin: 7, name: "net")
        let first = try #require(nodes[0].namespace(names.namespace))
        let second = try #require(nodes[1].namespace(names.namespace))
        let server = try TCP.listen(second, [10, 20, 4, 1], port: 80)
        let client = try TCP.connect(first, [10, 20, 4, 1], port: 80, within: 10_000)
        let served = try TCP.accept(server)
        #expect(try TCP.echo(client, served, [1, 2, 3], within: 5_000) == [1, 2, 3])

        let extra = Sample.peer(key: Sample.key(5), allowed: ["10.20.9.0/24"])
        let clock = ContinuousClock()
        for (new, old) in [(network(0, more: [extra]), network(0)), (network(0), network(0, more: [extra]))] {
            let request = try Sample.request(new, previous: old, state: ["version": 1, "data": [:]])
            #expect(try await plugin.serve(.update, request, in: Context(host: nodes[0]))["outcome"] == "ready")
            let start = clock.now
            #expect(try TCP.echo(client, served, [4, 5], within: 5_000) == [4, 5])
            // A dropped session costs five seconds and more until the next handshake.
            #expect(clock.now - start < .seconds(2))
        }
    }
}

/// Blocking sockets inside namespaces, with deadlines in milliseconds.
private enum TCP {
    static func listen(_ namespace: Int32, _ address: [UInt8], port: UInt16) throws -> Descriptor {
        let socket = try open(namespace)
        let result = with(address, port) { bind(socket.number, $0, $1) }
        try #require(result == 0)
        try #require(Glibc.listen(socket.number, 1) == 0)
        return socket
    }

    /// Tries until the other side answers: a tunnel loses the first packets.
    static func connect(_ namespace: Int32, _ address: [UInt8], port: UInt16, within: Int32) throws -> Descriptor {
        let socket = try open(namespace)
        try #require(fcntl(socket.number, F_SETFL, O_NONBLOCK) == 0)
        _ = with(address, port) { Glibc.connect(socket.number, $0, $1) }
        var poller = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
        try #require(poll(&poller, 1, within) == 1)
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &failure, &size)
        try #require(failure == 0)
        return socket
    }

    static func accept(_ server: Descriptor) throws -> Descriptor {
        let socket = Glibc.accept(server.number, nil, nil)
        try #require(socket >= 0)
        return Descriptor(taking: socket)
    }

    /// Sends bytes one way and reads them on the other side.
    static func echo(_ from: Descriptor, _ to: Descriptor, _ bytes: [UInt8], within: Int32) throws -> [UInt8] {
        try #require(send(from.number, bytes, bytes.count, 0) == bytes.count)
        var poller = pollfd(fd: to.number, events: Int16(POLLIN), revents: 0)
        try #require(poll(&poller, 1, within) == 1)
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = recv(to.number, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    private static func open(_ namespace: Int32) throws -> Descriptor {
        let socket = zos_socket_in(namespace, AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(socket >= 0)
        return Descriptor(taking: socket)
    }

    private static func with(
        _ address: [UInt8], _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = address.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        return withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
