import CHost
import Glibc
import JSON
import Netlink
import PluginSDK
import TestHost
import Testing

@testable import PublicIPProvisioner

/// A bridge with a router beyond the exit and a machine on a tap, all real. Needs root.
@Suite("ip on the kernel", .serialized)
struct PublicIPKernelTests {
    private let plugin = makePublicIPPlugin()
    private let host: KernelHost
    private let context: Context
    private let names = PublicNames(workload: "7-12-pub")

    init() throws {
        host = try KernelHost()
        context = Context(host: host)
        host.configure(
            exit: "public", addresses: ["198.51.100.1/24", "2001:db8:1::1/64"],
            gateways: ["198.51.100.1", "2001:db8:1::1"])
    }

    private func rules() throws -> [InstalledRule] {
        guard let namespace = host.namespace(PublicNames.namespace) else { return [] }
        let socket = try host.netlink(.netfilter, in: namespace)
        return try withExtendedLifetime(socket) {
            try FilterNetlink(descriptor: socket.number).rules(.bridge, table: "filter")
        }
    }

    private func counters() async throws -> [String: UInt64] {
        let answer = try await plugin.serve(
            .command,
            [
                "command": "zos.publicip.counters", "caller": 7, "payload": .null,
                "workloads": [Sample.request()["subject"] ?? .null],
            ], in: context)
        var counters: [String: UInt64] = [:]
        for drop in answer[0]?["drops"]?.arrayValue ?? [] {
            counters[drop["reason"]?.stringValue ?? ""] = drop["packets"]?.uint64Value
        }
        return counters
    }

    /// A machine on the tap of the workload, and the router beyond the exit.
    private func machineAndRouter() throws -> (machine: Wire, router: Wire, namespace: OwnNamespace) {
        let namespace = OwnNamespace()
        try host.join(PublicNames.segment, namespace.descriptor, "eth0", names.mac.text, port: names.tap)
        let eth0 = try #require(try host.withRoutes(in: namespace.descriptor) { try $0.link(named: "eth0") })
        let exit = try #require(try host.withRoutes(in: host.outside) { try $0.link(named: "public") })
        return (
            try Wire(namespace.descriptor, link: eth0.index), try Wire(host.outside, link: exit.index), namespace
        )
    }

    /// Sends the frames until the last one is seen on the other side, and returns which ones were.
    private func passing(_ frames: [[UInt8]], from sender: Wire, to receiver: Wire) -> Set<Int> {
        var seen: Set<UInt8> = []
        // A port forwards only once the kernel has noticed its carrier, so the first round may get lost.
        for _ in 0..<50 where !seen.contains(UInt8(frames.count - 1)) {
            for (number, frame) in frames.enumerated() { sender.send(frame, number: UInt8(number)) }
            seen.formUnion(receiver.numbers(until: UInt8(frames.count - 1), within: 100))
        }
        return Set(seen.map(Int.init))
    }

    @Test("provision assigns an address of each family and says how to use them")
    func provision() async throws {
        let outcome = try await plugin.serve(.provision, Sample.request(), in: context)
        #expect(outcome["outcome"] == "ready")
        #expect(outcome["result"]?["ip"] == "198.51.100.20/24")
        #expect(outcome["result"]?["gateway"] == "198.51.100.1")
        #expect(outcome["result"]?["ip6"]?.stringValue?.hasPrefix("2001:db8:1:") == true)
        let export = try #require(outcome["exports"]?[0]?["value"])
        #expect(export["tap"] == .string(names.tap) && export["mac"] == .string(names.mac.text))
        #expect(export["gateway6"] == "2001:db8:1::1")
        #expect(outcome["exports"]?[1] == ["kind": "segment", "value": ["segment": "br-pub"]])
        let result = try #require(outcome["result"])
        let again = try await plugin.serve(.provision, Sample.request(result: result), in: context)
        #expect(again["outcome"] == "present")
    }

    @Test("what the machine sends under its own name passes, everything else is dropped and counted")
    func spoofing() async throws {
        let outcome = try await plugin.serve(.provision, Sample.request(), in: context)
        let six = try #require(outcome["result"]?["ip6"]?.stringValue?.split(separator: "/").first.map(String.init))
        let (machine, router, namespace) = try machineAndRouter()
        let mac = names.mac.bytes
        let foreign: [UInt8] = [2, 9, 9, 9, 9, 9]
        let refused = [
            try Frame.ipv4(mac: mac, source: "198.51.100.21", destination: "198.51.100.1"),
            try Frame.ipv4(mac: foreign, source: "198.51.100.20", destination: "198.51.100.1"),
            try Frame.arp(mac: mac, claims: "198.51.100.1", for: mac),
            try Frame.arp(mac: mac, claims: "0.0.0.0", for: mac),
            try Frame.arp(mac: mac, claims: "198.51.100.20", for: foreign),
            try Frame.ipv6(mac: mac, source: "2001:db8:1::66"),
            try Frame.ipv6(mac: foreign, source: six),
            try Frame.ipv6(mac: mac, source: "fe80::1", icmp: 134),
            try Frame.ipv6(mac: mac, source: "fe80::1", icmp: 137),
            try Frame.ipv6(mac: mac, source: six, icmp: 136, target: "2001:db8:1::1"),
            Frame.other(mac: mac),
        ]
        let allowed = [
            try Frame.arp(mac: mac, claims: "198.51.100.20", for: mac),
            try Frame.ipv6(mac: mac, source: six),
            try Frame.ipv6(mac: mac, source: "fe80::1234"),
            try Frame.ipv6(mac: mac, source: "::", icmp: 135, target: six),
            try Frame.ipv6(mac: mac, source: six, icmp: 136, target: six),
            try Frame.ipv6(mac: mac, source: "fe80::1234", icmp: 136, target: six),
            try Frame.ipv6(mac: mac, source: "fe80::1234", icmp: 136, target: "fe80::1234"),
            try Frame.ipv4(mac: mac, source: "198.51.100.20", destination: "198.51.100.1"),
        ]
        let passed = passing(refused + allowed, from: machine, to: router)
        #expect(passed == Set(refused.count..<(refused.count + allowed.count)))
        let counters = try await counters()
        for reason in [
            "foreign MAC", "spoofed IPv4", "spoofed ARP", "router advertisement", "redirect", "spoofed neighbour",
            "spoofed IPv6", "other protocol",
        ] {
            #expect(counters[reason] ?? 0 > 0, "\(reason)")
        }
        withExtendedLifetime(namespace) {}
    }

    @Test("only what is addressed to the machine reaches it")
    func incoming() async throws {
        _ = try await plugin.serve(.provision, Sample.request(), in: context)
        let (machine, router, namespace) = try machineAndRouter()
        let from: [UInt8] = [2, 0, 0, 0, 0, 1]
        let frames = [
            try Frame.ipv4(mac: from, to: names.mac.bytes, source: "198.51.100.1", destination: "198.51.100.21"),
            try Frame.ipv4(mac: from, source: "198.51.100.1", destination: "198.51.100.20"),
            try Frame.ipv4(mac: from, to: names.mac.bytes, source: "198.51.100.1", destination: "198.51.100.20"),
        ]
        #expect(passing(frames, from: router, to: machine) == [2])
        #expect(try await counters()["IPv4 for others"] ?? 0 > 0)
        withExtendedLifetime(namespace) {}
    }

    @Test("two workloads that choose at the same time get two addresses, a third one none")
    func concurrent() async throws {
        async let first = plugin.serve(.provision, Sample.request("a"), in: context)
        async let second = plugin.serve(.provision, Sample.request("b"), in: context)
        let addresses = try await [first, second].map { $0["result"]?["ip"]?.stringValue }
        #expect(Set(addresses) == ["198.51.100.20/24", "198.51.100.21/24"])
        await #expect(throws: PluginError.self) {
            try await plugin.serve(.provision, Sample.request("c"), in: context)
        }
        let listed = try await plugin.serve(
            .command, ["command": "zos.network.list_public_ips", "caller": 9, "payload": .null, "workloads": []],
            in: context)
        #expect(listed == ["198.51.100.20", "198.51.100.21"])
    }

    @Test("removing one leaves the rules of the others, removing all leaves the empty base chains")
    func deprovision() async throws {
        for name in ["pub", "other"] { _ = try await plugin.serve(.provision, Sample.request(name), in: context) }
        let other = PublicNames(workload: "7-12-other")
        for _ in 0..<2 { _ = try await plugin.serve(.deprovision, Sample.request(), in: context) }
        let left = try rules()
        #expect(Set(left.map(\.chain)) == ["prerouting", "postrouting", other.incoming, other.outgoing])
        #expect(!left.contains { $0.comment == names.tap })
        _ = try await plugin.serve(.deprovision, Sample.request("other"), in: context)
        #expect(try rules().isEmpty)
        #expect(try await context.reservations.list(in: "public-address").isEmpty)
    }

    @Test("rules that somebody took away are put back, others stay")
    func repair() async throws {
        let outcome = try await plugin.serve(.provision, Sample.request(), in: context)
        let namespace = try #require(host.namespace(PublicNames.namespace))
        let before = try rules().map(\.comment)
        let socket = try host.netlink(.netfilter, in: namespace)
        try withExtendedLifetime(socket) {
            var transaction = FilterTransaction(.bridge, table: "filter")
            transaction.flushChain("prerouting")
            try FilterNetlink(descriptor: socket.number).commit(transaction)
        }
        let again = try await plugin.serve(
            .provision, Sample.request(result: outcome["result"] ?? .null), in: context)
        #expect(again["outcome"] == "ready")
        #expect(again["result"] == outcome["result"])
        #expect(Set(try rules().map(\.comment)) == Set(before))
        #expect(try rules().count == before.count)
    }

    @Test("without a public exit the plugin starts, and its workloads say what is missing")
    func noExit() async throws {
        let bare = try KernelHost()
        let context = Context(host: bare)
        _ = try await plugin.serve(.initialize, ["workloads": []], in: context)
        #expect(bare.fake.lines.contains { $0.contains("no public addresses") })
        await #expect(throws: PluginError.self) { try await plugin.serve(.provision, Sample.request(), in: context) }
    }

    @Test("validation and capacity are those of the grid")
    func rulesOfTheGrid() async throws {
        let none = Sample.request(data: ["v4": false, "v6": false])
        let error = try await #require(throws: PluginError.self) {
            try await plugin.serve(.validate, none, in: context)
        }
        #expect(error.message == "public ip workload with no selections")
        for (type, data, units) in [
            ("ip", ["v4": true, "v6": true], 1), ("ip", ["v4": false, "v6": true], 0), ("ipv4", [:], 1),
        ] as [(String, JSONValue, Int)] {
            let capacity = try await plugin.serve(.capacity, ["type": .string(type), "data": data], in: context)
            #expect(capacity["ipv4u"]?.intValue == units)
        }
    }
}

/// A network namespace that is closed with the object.
final class OwnNamespace {
    let descriptor = zos_netns_new(-1)
    deinit { close(descriptor) }
}
