import CHost
import Glibc
import JSON
import Netlink
import PluginSDK
import TestHost
import Testing

@testable import NetworkProvisioner

/// Networks in real namespaces, with the real wireguard-go where the kernel has none. Needs root.
@Suite("network on the kernel", .serialized)
struct NetworkKernelTests {
    private let plugin = makeNetworkPlugin()
    private let host: KernelHost
    private let context: Context
    private let names = NetworkNames(twin: 7, name: "net")
    private let kept: JSONValue = ["version": 1, "data": [:]]

    init() throws {
        host = try KernelHost()
        context = Context(host: host)
    }

    private func provision(_ network: Network, state: JSONValue = .null) async throws -> JSONValue {
        try await plugin.serve(.provision, try Sample.request(network, state: state), in: context)
    }

    private func update(_ network: Network, from previous: Network, siblings: JSONValue = []) async throws -> JSONValue
    {
        try await plugin.serve(
            .update, try Sample.request(network, previous: previous, state: kept, siblings: siblings), in: context)
    }

    private func device() async throws -> WireGuardDevice {
        try UserspaceProtocol.device(
            from: try await UserspaceConnection(names.tunnel, in: context.acting(for: "7-12-net")).text())
    }

    private func addresses(of link: String) throws -> Set<String> {
        let namespace = try #require(host.namespace(names.namespace))
        return try host.withRoutes(in: namespace) { routes in
            let found = try #require(try routes.link(named: link))
            return Set(try routes.addresses(of: found.index).compactMap { $0.range?.text })
        }
    }

    @Test("provision makes bridge, namespace, leg, rules and tunnel, and says how to join")
    func provision() async throws {
        let network = Sample.network(peers: [Sample.peer(endpoint: "192.0.2.7:5000")])
        let outcome = try await provision(network)
        #expect(outcome["outcome"] == "ready" && outcome["result"] == .null)
        let export = try #require(outcome["exports"]?[0])
        #expect(export["kind"] == "segment")
        #expect(export["value"]?["segment"] == .string(names.bridge))
        #expect(export["value"]?["gateway"] == "10.20.3.1")
        #expect(export["value"]?["subnet"] == "10.20.3.0/24")

        #expect(try addresses(of: names.leg).isSuperset(of: ["10.20.3.1/24", "fe80::1/64"]))
        #expect(try addresses(of: names.tunnel).contains("100.64.20.3/16"))
        #expect(try host.withRoutes(in: host.node) { try $0.link(named: names.bridge)?.isUp } == true)
        let namespace = try #require(host.namespace(names.namespace))
        let routes = try host.withRoutes(in: namespace) { try $0.routes() }
        #expect(routes.contains { $0.destination?.text == "10.20.0.0/16" && $0.gateway == nil })
        let filter = try host.netlink(.netfilter, in: namespace)
        let rules = try withExtendedLifetime(filter) {
            try FilterNetlink(descriptor: filter.number).rules(.inet, table: "zos")
        }
        #expect(rules.filter { $0.comment == "unasked" }.map(\.chain) == ["input", "forward"])
        let device = try await device()
        #expect(device.listenPort == 4000 && device.peers.map(\.keepalive) == [20])
    }

    @Test("provisioning again changes nothing, and answers anew if the first answer was lost")
    func again() async throws {
        _ = try await provision(Sample.network(peers: [Sample.peer()]))
        #expect(try await provision(Sample.network(peers: [Sample.peer()]))["outcome"] == "ready")
        #expect(try await provision(Sample.network(peers: [Sample.peer()]), state: kept)["outcome"] == "present")
    }

    @Test("what was changed by hand is repaired")
    func repair() async throws {
        let network = Sample.network(peers: [Sample.peer()])
        _ = try await provision(network)
        let namespace = try #require(host.namespace(names.namespace))
        try host.withRoutes(in: namespace) { routes in
            let leg = try #require(try routes.link(named: names.leg))
            try routes.remove(try #require(InterfaceAddress(bytes: [10, 20, 3, 1], prefix: 24)), from: leg.index)
            try routes.add(try #require(InterfaceAddress(bytes: [10, 9, 9, 9], prefix: 24)), to: leg.index)
        }
        #expect(try await provision(network, state: kept)["outcome"] == "ready")
        let present = try addresses(of: names.leg)
        #expect(present.contains("10.20.3.1/24") && !present.contains("10.9.9.9/24"))
    }

    @Test("after wireguard-go crashed the node is asked to provision again, which brings the tunnel back")
    func crash() async throws {
        let network = Sample.network(peers: [Sample.peer()])
        _ = try await provision(network)
        host.crash(names.tunnel)
        let exit: JSONValue = [
            "companion": "wireguard", "instance": .string(names.tunnel), "workload": "7-12-net", "signal": 9,
            "uptime": 3, "output": "",
        ]
        #expect(try await plugin.serve(.companionExited, exit, in: context)["action"] == "restart")
        #expect(try await provision(network, state: kept)["outcome"] == "ready")
        #expect(try await device().listenPort == 4000)
        #expect(try addresses(of: names.tunnel).contains("100.64.20.3/16"))
    }

    @Test("deprovision leaves nothing, and accepts that nothing is there")
    func deprovision() async throws {
        let before = try host.withRoutes(in: host.node) { try $0.links().map(\.name) }
        let network = Sample.network()
        _ = try await provision(network)
        for _ in 0..<2 { _ = try await plugin.serve(.deprovision, try Sample.request(network), in: context) }
        #expect(try host.withRoutes(in: host.node) { try $0.links().map(\.name) } == before)
        #expect(host.namespace(names.namespace) == nil)
        #expect(try await context.reservations.list(in: "udp-port").isEmpty)
    }

    @Test("a port that another network has is refused, and nothing is left behind")
    func portInUse() async throws {
        try await context.acting(for: "7-99-other").reservations.reserve("4000", in: "udp-port")
        let error = try await #require(throws: PluginError.self) { try await provision(Sample.network()) }
        #expect(error.code == "port-in-use")
        #expect(error.message.contains("4000"))
        #expect(host.namespace(names.namespace) == nil)
        #expect(try host.withRoutes(in: host.node) { try $0.link(named: names.bridge) } == nil)
    }

    @Test("a failure half-way takes back what was made")
    func undo() async throws {
        host.fail("companion.start")
        await #expect(throws: PluginError.self) { try await provision(Sample.network()) }
        #expect(host.namespace(names.namespace) == nil)
        #expect(try host.withRoutes(in: host.node) { try $0.links().map(\.name) } == ["lo"])
        #expect(try await context.reservations.list(in: "udp-port").isEmpty)
    }

    @Test("an update changes, adds and removes single peers and the port")
    func update() async throws {
        let old = Sample.network(peers: [
            Sample.peer(key: Sample.key(1), endpoint: "192.0.2.1:5"),
            Sample.peer(key: Sample.key(2), allowed: ["10.20.5.0/24"]),
        ])
        _ = try await provision(old)
        let new = Sample.network(
            port: 4001,
            peers: [
                Sample.peer(key: Sample.key(1), endpoint: "192.0.2.9:5"),
                Sample.peer(key: Sample.key(3), allowed: ["10.20.6.0/24"]),
            ])
        #expect(try await update(new, from: old)["outcome"] == "ready")
        let device = try await device()
        #expect(device.listenPort == 4001)
        #expect(Set(device.peers.map(\.publicKey)) == Set([1, 3].compactMap { Base64.decode(Sample.key($0)) }))
        #expect(device.peers.contains { $0.endpoint?.address == [192, 0, 2, 9] })
        #expect(try await context.reservations.list(in: "udp-port").map(\.value) == ["4001"])
        #expect(try await update(new, from: new)["outcome"] == "present")
    }

    @Test("an update that cannot be made is unchanged, with the old network as it was")
    func refused() async throws {
        let old = Sample.network(peers: [Sample.peer()])
        _ = try await provision(old)
        try await context.acting(for: "7-99-other").reservations.reserve("4002", in: "udp-port")
        let inUse = try await update(Sample.network(port: 4002), from: old)
        #expect(inUse["outcome"] == "unchanged")
        #expect(inUse["message"]?.stringValue?.contains("4002") == true)
        let wrong = try await update(Sample.network(peers: [Sample.peer(key: "short")]), from: old)
        #expect(wrong["outcome"] == "unchanged")
        let machine: JSONValue = [
            ["id": "7-12-vm", "name": "vm", "type": "zmachine", "version": 0, "state": "paused"]
        ]
        let moved = try await update(Sample.network(subnet: "10.20.8.0/24"), from: old, siblings: machine)
        #expect(moved["outcome"] == "unchanged")
        #expect(moved["message"]?.stringValue?.contains("network is in use") == true)
        #expect(try await provision(old, state: kept)["outcome"] == "present", "nothing has changed")
        #expect(Set(try await context.reservations.list(in: "udp-port").map(\.value)) == ["4000", "4002"])
    }

    @Test("a subnet that nobody uses is moved, and the old addresses go")
    func moveSubnet() async throws {
        let old = Sample.network()
        _ = try await provision(old)
        let new = Sample.network(range: "10.30.0.0/16", subnet: "10.30.8.0/24")
        #expect(try await update(new, from: old)["outcome"] == "ready")
        let leg = try addresses(of: names.leg)
        #expect(leg.contains("10.30.8.1/24") && !leg.contains("10.20.3.1/24"))
        #expect(try addresses(of: names.tunnel).filter { $0.hasPrefix("100.64") } == ["100.64.30.8/16"])
        #expect(try await provision(new, state: kept)["outcome"] == "present")
    }

    @Test("with an exit the network leases an address and routes by it")
    func exit() async throws {
        host.configure(exit: "node", addresses: ["100.127.0.1/16"], gateways: ["100.127.0.1"])
        _ = try await provision(Sample.network())
        #expect(try addresses(of: "public").isSuperset(of: ["100.127.0.2/16", "fd00::2/64"]))
        let namespace = try #require(host.namespace(names.namespace))
        let routes = try host.withRoutes(in: namespace) { try $0.routes() }
        #expect(routes.contains { $0.destination == nil && $0.gateway == [100, 127, 0, 1] })
        #expect(try await provision(Sample.network(), state: kept)["outcome"] == "present")
    }

    @Test("administrators read a network's names and whether its tunnel is up")
    func info() async throws {
        let network = Sample.network()
        let subject = try #require(try Sample.request(network)["subject"])
        func ask() async throws -> JSONValue {
            try await plugin.serve(
                .command,
                ["command": "network.info", "caller": 7, "payload": ["workload": "7-12-net"], "workloads": [subject]],
                in: context)
        }
        #expect(try await ask()["info"]?["state"] == "down")
        _ = try await provision(network)
        let answer = try await ask()
        #expect(
            answer["info"]
                == ["net_id": .string(names.id), "namespace": .string(names.namespace), "state": "up"])
        #expect(answer["checks"]?.arrayValue?.map { $0["ok"] } == [true, true], "\(answer.text)")
    }

    @Test("zos.network.list_wg_ports answers taken and kept ports")
    func ports() async throws {
        _ = try await provision(Sample.network(port: 4000))
        let answer = try await plugin.serve(
            .command, ["command": "zos.network.list_wg_ports", "caller": 9, "payload": .null, "workloads": []],
            in: context)
        #expect(answer == [80, 300, 443, 4000, 8082, 9651, 9943, 9944, 9945])
    }

    @Test("no secret is sent to the log or comes back in an error")
    func secrets() async throws {
        _ = try await provision(Sample.network())
        #expect(!host.fake.lines.joined().contains(Sample.key(9)))
    }
}

extension UserspaceConnection {
    fileprivate func text() throws -> String { try ask(UserspaceProtocol.read) }
}
