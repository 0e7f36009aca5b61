import Netlink
import Testing

/// Needs root: every test makes network namespaces of its own.
@Suite("RouteNetlink", .serialized)
struct RouteNetlinkTests {
    @Test("a bridge has the options that were asked for, as ip sees them")
    func bridge() throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        let made = try #require(
            try route.create(
                NewLink(
                    name: "b-test", kind: .bridge(BridgeOptions(forwardDelay: 0, snoopsMulticast: false)), mtu: 1500,
                    hardwareAddress: [2, 0, 0, 0, 0, 1], alias: "node 1 workload 7-1-net", isUp: true,
                    generatesLinkLocal: false)))
        #expect(made.kind == "bridge" && made.isUp && made.alias == "node 1 workload 7-1-net")

        let seen = try #require(try namespace.json("ip", "-j", "-d", "link", "show", "b-test").first)
        let details = try #require(seen["linkinfo"] as? [String: Any])
        let data = try #require(details["info_data"] as? [String: Any])
        #expect(details["info_kind"] as? String == "bridge")
        #expect(data["forward_delay"] as? Int == 0)
        #expect(data["mcast_snooping"] as? Int == 0)
        #expect(seen["address"] as? String == "02:00:00:00:00:01")
        #expect(seen["ifalias"] as? String == "node 1 workload 7-1-net")
        #expect(seen["inet6_addr_gen_mode"] as? String == "none")
        #expect((seen["flags"] as? [String])?.contains("UP") == true)
    }

    @Test("a veth pair spans two namespaces and one end is a port of the bridge")
    func veth() throws {
        let here = try TestNamespace()
        let there = try TestNamespace()
        let route = try here.route()
        let bridge = try #require(try route.create(NewLink(name: "br", kind: .bridge(BridgeOptions()))))
        let peer = NewLink.Peer(name: "leg", namespace: there.descriptor, hardwareAddress: [2, 0, 0, 0, 0, 9])
        let port = try #require(
            try route.create(NewLink(name: "port", kind: .veth(peer: peer), master: bridge.index, isUp: true)))
        #expect(port.master == bridge.index && port.isUp && port.relatedNamespace != nil)
        let leg = try #require(try there.route().link(named: "leg"))
        #expect(leg.hardwareAddress == [2, 0, 0, 0, 0, 9])

        #expect(try route.deleteLink(named: "port"))
        #expect(try there.route().link(named: "leg") == nil, "the other end goes with it")
    }

    @Test("creating what exists fails with EEXIST and says what was tried")
    func exclusive() throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        try route.create(NewLink(name: "twice", kind: .bridge(BridgeOptions())))
        let error = try #require(throws: NetlinkError.self) {
            try route.create(NewLink(name: "twice", kind: .bridge(BridgeOptions())))
        }
        #expect(error.number == 17)
        #expect(error.description == "cannot create bridge twice: File exists")
    }

    @Test(
        "names that are no link names are refused before the kernel sees them",
        arguments: ["", "0123456789abcdef", "a/b", "a b", ".", "..", "é"])
    func names(_ name: String) throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        let error = try #require(throws: NetlinkError.self) {
            try route.create(NewLink(name: name, kind: .bridge(BridgeOptions())))
        }
        #expect(error.number == 22)
    }

    @Test("a link is renamed, given an alias, detached and moved by descriptor")
    func change() throws {
        let here = try TestNamespace()
        let there = try TestNamespace()
        let route = try here.route()
        let bridge = try #require(try route.create(NewLink(name: "br", kind: .bridge(BridgeOptions()))))
        let end = try #require(
            try route.create(NewLink(name: "a", kind: .veth(peer: .init(name: "z")), master: bridge.index)))
        try route.change(end.index, LinkChange(name: "b", mtu: 1420, alias: "mine", master: LinkChange.Master.none))
        let changed = try #require(try route.link(named: "b"))
        #expect(changed.mtu == 1420 && changed.alias == "mine" && changed.master == nil)
        try route.change(end.index, LinkChange(namespace: there.descriptor))
        #expect(try route.link(named: "b") == nil)
        #expect(try there.route().link(named: "b") != nil)
        #expect(try route.links().map(\.name).sorted() == ["br", "lo", "z"])
    }

    @Test("addresses and routes of both families are those that ip lists")
    func addressesAndRoutes() throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        let link = try #require(try route.create(NewLink(name: "br", kind: .bridge(BridgeOptions()), isUp: true)))
        let four = try #require(InterfaceAddress(bytes: [10, 20, 3, 1], prefix: 24))
        let six = try #require(
            InterfaceAddress(bytes: [0xfd, 0x53] + Array(repeating: 0, count: 13) + [1], prefix: 64))
        #expect(try route.add(four, to: link.index))
        #expect(try !route.add(four, to: link.index), "the second time it is there")
        #expect(try route.add(six, to: link.index))
        #expect(Set(try route.addresses(of: link.index)).isSuperset(of: [four, six]))
        let listed = try namespace.json("ip", "-j", "addr", "show", "br").first?["addr_info"] as? [[String: Any]]
        let texts = Set((listed ?? []).compactMap { $0["local"] as? String })
        #expect(texts.isSuperset(of: ["10.20.3.1", "fd53::1"]))
        #expect(listed?.contains { $0["tentative"] as? Bool == true && $0["local"] as? String == "fd53::1" } == false)

        let range = try #require(InterfaceAddress(bytes: [10, 20, 0, 9], prefix: 16))
        try route.set(Route(to: range, link: link.index))
        try route.set(Route(defaultBy: [10, 20, 3, 2], link: link.index))
        try route.set(Route(defaultBy: [10, 20, 3, 3], link: link.index))
        try route.set(Route(defaultBy: six.bytes.dropLast() + [2], link: link.index))
        let routes = try namespace.json("ip", "-j", "route")
        #expect(routes.contains { $0["dst"] as? String == "10.20.0.0/16" && $0["scope"] as? String == "link" })
        #expect(routes.filter { $0["dst"] as? String == "default" }.map { $0["gateway"] as? String } == ["10.20.3.3"])
        let sixth = try namespace.json("ip", "-j", "-6", "route")
        #expect(sixth.contains { $0["dst"] as? String == "default" && $0["gateway"] as? String == "fd53::2" })
        #expect(try route.routes().contains { $0.destination == nil && $0.gateway == [10, 20, 3, 3] })

        #expect(try route.remove(Route(to: range, link: link.index)))
        #expect(try !route.remove(Route(to: range, link: link.index)))
        #expect(try route.remove(six, from: link.index))
        #expect(try !route.remove(six, from: link.index))
    }

    @Test("a hundred links fit into one list")
    func manyLinks() throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        for number in 0..<100 { try route.create(NewLink(name: "l\(number)", kind: .bridge(BridgeOptions()))) }
        #expect(try route.links().count == 101)
    }

    @Test("a kind that the kernel lacks is told by EOPNOTSUPP")
    func unknownKind() throws {
        let namespace = try TestNamespace()
        let route = try namespace.route()
        let error = try #require(throws: NetlinkError.self) {
            try route.create(NewLink(name: "x", kind: .named("nosuchkind")))
        }
        #expect(error.number == 95)
    }
}
