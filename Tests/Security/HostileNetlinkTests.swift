import Glibc
import JSON
import Netlink
import Testing
import WorkerFixtures

@testable import Hosting

/// A plugin that administers its own network namespace reaches for the node's through the socket that it was handed
/// (docs/spec/plugin-runtime-facts.md section 10.2).
@Suite("attacks through a netlink socket", .serialized, .bystander("netlink"), .deputyBench)
struct HostileNetlinkTests {
    /// Numbers of linux/if_link.h and linux/rtnetlink.h.
    private enum Number {
        static let newLink: UInt16 = 16
        static let deleteLink: UInt16 = 17
        static let getLink: UInt16 = 18
        static let setLink: UInt16 = 19
        static let newNamespaceID: UInt16 = 88
        static let name: UInt16 = 3
        static let link: UInt16 = 5
        static let info: UInt16 = 18
        static let process: UInt16 = 19
        static let descriptor: UInt16 = 28
        static let peerNamespace: UInt16 = 37
        static let targetNamespace: UInt16 = 46
        static let create: UInt16 = 0x0600
    }

    /// What the attacker knows: the id by which its namespace calls the node's, its leg's index, the node's process.
    struct Knowledge: Sendable {
        let peer: Int32
        let leg: Int32
        let segment: String
    }

    struct Attack: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let errors: Set<Int32>
        let type: UInt16
        let flags: UInt16
        let body: @Sendable (Knowledge, inout NetlinkWriter) -> Void

        init(
            _ name: String, _ errors: Set<Int32>, _ type: UInt16, flags: UInt16 = 0,
            _ body: @escaping @Sendable (Knowledge, inout NetlinkWriter) -> Void
        ) { (testDescription, self.errors, self.type, self.flags, self.body) = (name, errors, type, flags, body) }
    }

    static let attacks: [Attack] = [
        Attack("a bridge in the node's namespace by its id", [EPERM], Number.newLink, flags: Number.create) {
            known, body in
            link(0, &body)
            body.attribute(Number.targetNamespace, known.peer)
            named("zos-evil", "bridge", &body)
        },
        Attack("the node's loopback read by its id", [EPERM, EACCES], Number.getLink) { known, body in
            link(1, &body)
            body.attribute(Number.targetNamespace, known.peer)
        },
        Attack("the segment's bridge taken down by its id", [EPERM], Number.setLink) { known, body in
            link(0, &body)
            body.attribute(Number.targetNamespace, known.peer)
            body.attribute(Number.name, text: known.segment)
        },
        Attack("the segment's bridge deleted by its id", [EPERM, EACCES], Number.deleteLink) { known, body in
            link(0, &body)
            body.attribute(Number.targetNamespace, known.peer)
            body.attribute(Number.name, text: known.segment)
        },
        Attack("the segment's bridge deleted by name", [ENODEV], Number.deleteLink) { known, body in
            link(0, &body)
            body.attribute(Number.name, text: known.segment)
        },
        Attack("an id that no namespace has", [EINVAL, EPERM], Number.newLink, flags: Number.create) { _, body in
            link(0, &body)
            body.attribute(Number.targetNamespace, Int32(4711))
            named("zos-evil", "bridge", &body)
        },
        Attack("its leg pushed to the node's process", [ESRCH], Number.setLink) { known, body in
            link(known.leg, &body)
            body.attribute(Number.process, UInt32(getpid()))
        },
        Attack("a new link pushed to the node's process", [ESRCH], Number.newLink, flags: Number.create) { _, body in
            link(0, &body)
            body.attribute(Number.process, UInt32(getpid()))
            named("zos-evil", "bridge", &body)
        },
        Attack("its leg pushed into a descriptor that is no namespace", [EINVAL, EBADF], Number.setLink) {
            known, body in
            link(known.leg, &body)
            body.attribute(Number.descriptor, UInt32(0))
        },
        Attack("a link over the node's loopback", [EPERM, EOPNOTSUPP], Number.newLink, flags: Number.create) {
            known, body in
            link(0, &body)
            body.attribute(Number.link, UInt32(1))
            body.attribute(Number.peerNamespace, known.peer)
            named("zos-evil", "macvlan", &body)
        },
        Attack("a name for the namespace of the node's process", [ESRCH], Number.newNamespaceID) { _, body in
            body.append(UInt32(0))
            body.attribute(1, Int32(77))
            body.attribute(2, UInt32(getpid()))
        },
    ]

    private static func link(_ index: Int32, _ body: inout NetlinkWriter) {
        body.append(UInt32(0))
        body.append(index)
        body.append(UInt64(0))
    }

    private static func named(_ name: String, _ kind: String, _ body: inout NetlinkWriter) {
        body.attribute(Number.name, text: name)
        body.nest(Number.info) { $0.attribute(1, text: kind) }
    }

    @Test("is refused by the kernel, and the node's links are as before", arguments: attacks)
    func attack(_ attack: Attack) async throws {
        try await withAttacker { plugin, known in
            let before = SmallFile.names("/sys/class/net").filter { $0.hasPrefix("zos-evil") || $0 == known.segment }
            var body = NetlinkWriter()
            attack.body(known, &body)
            let reply = try await plugin.talk(attack.type, attack.flags, body.bytes)
            let error = Int32(truncatingIfNeeded: reply["error"]?.intValue ?? 0)
            #expect(attack.errors.contains(error), "\(reply.text)")
            let after = SmallFile.names("/sys/class/net").filter { $0.hasPrefix("zos-evil") || $0 == known.segment }
            #expect(after == before && !after.contains("zos-evil"))
            #expect(plugin.worker.status.name == "ready")
        }
    }

    @Test("the same messages work inside the plugin's own namespace, so that the refusals above mean something")
    func control() async throws {
        try await withAttacker { plugin, _ in
            var body = NetlinkWriter()
            Self.link(0, &body)
            Self.named("own-bridge", "bridge", &body)
            let made = try await plugin.talk(Number.newLink, Number.create, body.bytes)
            #expect(made["error"] == 0, "\(made.text)")
            var gone = NetlinkWriter()
            Self.link(0, &gone)
            gone.attribute(Number.name, text: "own-bridge")
            #expect(try await plugin.talk(Number.deleteLink, 0, gone.bytes)["error"] == 0)
        }
    }

    @Test(
        "an option that the entitlement does not name is a violation",
        arguments: [
            (270, 8, "NETLINK_LISTEN_ALL_NSID"), (270, 3, "NETLINK_PKTINFO"), (270, 5, "NETLINK_NO_ENOBUFS"),
            (1, 36, "SO_MARK"), (1, 25, "SO_BINDTODEVICE"), (1, 26, "SO_ATTACH_FILTER"), (1, 50, "SO_ATTACH_BPF"),
            (1, 33, "SO_RCVBUFFORCE"), (0, 35, "IP_TRANSPARENT"),
        ])
    func option(_ level: Int, _ option: Int, _ name: String) async throws {
        try await withAttacker { plugin, _ in
            let incident = try await plugin.incident(
                "netlink option", ["level": .number(JSONNumber(level)), "option": .number(JSONNumber(option))])
            #expect(incident.failure.kind == .sandboxViolation, "\(name)")
            #expect(incident.failure.message.contains("called setsockopt("), "\(incident.failure)")
        }
    }

    @Test("joining all notifications by bind is a violation")
    func bound() async throws {
        try await withAttacker { plugin, _ in
            let incident = try await plugin.incident("netlink bind")
            #expect(incident.failure.message.contains("called bind("), "\(incident.failure)")
        }
    }

    /// Runs a plugin with NET_ADMIN in its own user namespace, a namespace of its own with a leg on a segment of the node, and
    /// a route socket inside.
    private func withAttacker(_ body: @Sendable (HostilePlugin, Knowledge) async throws -> Void) async throws {
        let bench = try #require(DeputyBench.current)
        let policy = try SandboxPolicy.make(entitlements: [("network-administration", [:])])
        let identity = WorkerIdentity.userNamespace(bench.namespaces[1], base: DeputyBench.bases[1])
        try await HostilePlugin.run(policy: policy, identity: identity, services: AsAttacker(brokers: bench.brokers)) {
            plugin in
            let namespace = bench.name("an"), segment = bench.name("as")
            for (service, request) in [
                ("namespace.create", ["name": .string(namespace)]), ("segment.create", ["name": .string(segment)]),
                (
                    "segment.attach",
                    ["segment": .string(segment), "namespace": .string(namespace), "name": "leg"]
                ),
                ("netlink.open", ["namespace": .string(namespace), "protocol": "route"]),
            ] as [(String, JSONValue)] {
                let reply = try await plugin.ask(
                    "service",
                    [
                        "service": .string(service),
                        "call": ["workload": .string(DeputyBench.own), "request": request],
                    ])
                try #require(reply["status"] == 0, "\(service): \(reply.text)")
            }
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            let place = try #require(try network.open(namespace))
            let leg = try network.route(in: place) { route throws(NetlinkError) in try route.link(named: "leg") }
            let index = Int32(truncatingIfNeeded: try #require(leg).index)
            var ask = NetlinkWriter()
            Self.link(index, &ask)
            let seen = try await plugin.talk(Number.getLink, 0, ask.bytes)["data"]?.stringValue ?? ""
            let peer = try #require(Self.peerID(in: seen), "the leg shows no peer: \(seen)")
            try await body(plugin, Knowledge(peer: peer, leg: index, segment: segment))
        }
    }

    /// IFLA_LINK_NETNSID of an RTM_NEWLINK message in hex.
    private static func peerID(in hex: String) -> Int32? {
        let bytes = stride(from: 0, to: hex.utf8.count - 1, by: 2).compactMap {
            UInt8(hex.dropFirst($0).prefix(2), radix: 16)
        }
        func number(_ at: Int, _ size: Int) -> UInt32 {
            (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
        }
        var at = 32
        while at + 4 <= bytes.count {
            let length = Int(number(at, 2))
            guard length >= 4, at + length <= bytes.count else { return nil }
            if number(at + 2, 2) == UInt32(Number.peerNamespace), length == 8 {
                return Int32(bitPattern: number(at + 4, 4))
            }
            at += (length + 3) & ~3
        }
        return nil
    }
}

/// Calls of the plugin under test are the attacker's of the bench.
private struct AsAttacker: HostServices {
    let brokers: Brokers
    func serve(_ call: HostCall) async -> HostAnswer {
        await brokers.serve(
            HostCall(
                plugin: DeputyBench.attacker, service: call.service, workload: call.workload, request: call.request,
                descriptors: call.descriptors))
    }
}

extension HostilePlugin {
    /// One request on the netlink socket, acknowledged.
    fileprivate func talk(_ type: UInt16, _ flags: UInt16, _ body: [UInt8]) async throws -> JSONValue {
        var message = NetlinkWriter()
        message.append(UInt32(16 + body.count))
        message.append(type)
        message.append(flags | 0x5)  // request, acknowledge
        message.append(UInt32(1))
        message.append(UInt32(0))
        let bytes = message.bytes + body
        return try await ask(
            "netlink",
            ["bytes": .string(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())])
    }
}
