import CHost
import Glibc
import JSON
import Netlink
import Testing

@testable import Hosting

@Suite("Brokers", .serialized)
struct BrokersTests {
    @Test("a plugin without an entitlement is denied every service that needs one")
    func deniesWithoutEntitlement() async throws {
        try await BrokerBench().withBrokers { brokers, _ in
            for service in [
                "namespace.create", "namespace.delete", "namespace.list", "netlink.open", "sysctl.set",
                "segment.create", "segment.delete", "segment.attach", "segment.detach", "exit.attach", "link.create",
                "link.tun", "link.move", "link.delete", "tap.create", "tap.delete", "reserve", "release", "reserved",
                "companion.start", "root.open", "overlay.create", "overlay.delete",
                "directory.create", "directory.resize", "directory.usage", "directory.delete", "socket.open",
                "secret.put", "secret.get", "secret.delete", "secret.list", "timer.set", "timer.cancel", "timer.list",
                "workload.lookup",
            ] {
                let request: JSONValue = [
                    "name": "a", "namespace": "b", "segment": "c", "exit": "public", "kind": "veth", "space": "x",
                    "companion": "shell", "instance": "i", "url": "dir:///", "value": "1", "scope": "s",
                ]
                let answer = await brokers.ask("third", service, request)
                #expect(answer.status == .denied, "\(service): \(answer.payload)")
            }
            #expect(await brokers.ask("third", "no.such", [:]).status == .unsupported)
            #expect(await brokers.ask("unknown", "node.facts", [:]).status == .denied)
        }
    }

    @Test("a call for another plugin's workload, or for one that is unknown, is denied")
    func deniesForeignWorkloads() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            for workload in ["8-13-z", "9-9-nothing"] {
                let answer = await brokers.ask(
                    "first", "namespace.create", ["name": .string(bench.name("n"))], workload: workload)
                #expect(answer.status == .denied)
            }
        }
    }

    @Test("namespace, segment and attachment come up once, belong to their maker, and leave nothing")
    func networkLifecycle() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let namespace = bench.name("n"), segment = bench.name("b")
            let clock = ContinuousClock()
            var took: Duration = .zero
            for round in 0..<2 {
                let start = clock.now
                let made: [HostAnswer] = [
                    await brokers.ask("first", "namespace.create", ["name": .string(namespace)], workload: "7-12-x"),
                    await brokers.ask(
                        "first", "segment.create", ["name": .string(segment), "mtu": 1400], workload: "7-12-x"),
                    await brokers.ask(
                        "first", "segment.attach",
                        [
                            "segment": .string(segment), "namespace": .string(namespace), "name": "leg",
                            "mac": "02:00:00:00:00:01",
                        ],
                        workload: "7-12-x"),
                ]
                if round == 0 { took = clock.now - start }
                for answer in made {
                    #expect(answer.status == .ok, "\(answer.payload)")
                    #expect(answer.payload["created"] == .bool(round == 0), "\(answer.payload)")
                }
            }
            print("namespace, segment and attachment: \(took)")
            // Foreign hands: another plugin, and another workload of the same plugin.
            for (plugin, workload) in [("second", "8-13-z"), ("second", nil), ("first", "7-12-y")] {
                for (service, request) in [
                    ("namespace.create", ["name": .string(namespace)]),
                    ("namespace.delete", ["name": .string(namespace)]),
                    ("netlink.open", ["namespace": .string(namespace), "protocol": "route"]),
                    ("sysctl.set", ["namespace": .string(namespace), "key": "net.ipv4.ip_forward", "value": "1"]),
                    ("segment.create", ["name": .string(segment)]), ("segment.delete", ["name": .string(segment)]),
                    ("segment.attach", ["segment": .string(segment), "namespace": .string(namespace), "name": "x"]),
                    ("segment.detach", ["segment": .string(segment), "namespace": .string(namespace), "name": "leg"]),
                    ("link.create", ["kind": "bridge", "name": "x", "namespace": .string(namespace)]),
                ] as [(String, JSONValue)] {
                    let answer = await brokers.ask(plugin, service, request, workload: workload)
                    #expect(answer.status == .denied, "\(plugin) \(service): \(answer.payload)")
                }
            }
            let place = try #require(try NodeNetwork(namespaces: bench.configuration.namespaces).open(namespace))
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            let leg = try network.route(in: place) { route throws(NetlinkError) in try route.link(named: "leg") }
            #expect(leg?.hardwareAddress == [2, 0, 0, 0, 0, 1])
            #expect(leg?.mtu == 1400)
            #expect(leg?.isUp == true)
            let forward = await brokers.ask(
                "first", "sysctl.set", ["namespace": .string(namespace), "key": "net.ipv4.ip_forward", "value": "1"],
                workload: "7-12-x")
            #expect(forward.status == .ok, "\(forward.payload)")
            let socket = await brokers.ask(
                "first", "netlink.open", ["namespace": .string(namespace), "protocol": "route"], workload: "7-12-x")
            let descriptor = try #require(socket.descriptors.first)
            #expect(try RouteNetlink(descriptor: descriptor.number).link(named: "leg") != nil)
            let deleted = await brokers.ask(
                "first", "namespace.delete", ["name": .string(namespace)], workload: "7-12-x")
            #expect(deleted.status == .ok, "\(deleted.payload)")
            let bridge = await brokers.ask("first", "segment.delete", ["name": .string(segment)], workload: "7-12-x")
            #expect(bridge.status == .ok, "\(bridge.payload)")
            #expect(SmallFile.names("\(bench.configuration.run)/objects").isEmpty)
        }
        #expect(Self.links(bench).isEmpty)
    }

    /// Links of this test; others make theirs at the same time.
    private static func links(_ bench: BrokerBench) -> [String] {
        SmallFile.names("/sys/class/net").filter { $0.hasSuffix(bench.suffix) }
    }

    @Test("kernel values outside net, and keys that climb, are refused")
    func refusesForeignKernelValues() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let namespace = bench.name("n")
            _ = await brokers.ask("first", "namespace.create", ["name": .string(namespace)])
            for key in ["kernel.core_pattern", "net", "net...kernel", "net./etc/passwd", "net.ipv4.", ""] {
                let answer = await brokers.ask(
                    "first", "sysctl.set", ["namespace": .string(namespace), "key": .string(key), "value": "1"])
                #expect(answer.status == .invalid, "\(key)")
            }
        }
    }

    @Test("a link that the node did not make is neither taken over nor deleted")
    func leavesForeignLinks() async throws {
        let bench = try BrokerBench()
        let name = bench.name("f")
        try await bench.withBrokers { brokers, _ in
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            _ = try network.route(in: network.node) { route throws(NetlinkError) in
                try route.create(NewLink(name: name, kind: .bridge(BridgeOptions()), alias: "mine"))
            }
            let answer = await brokers.ask("first", "segment.create", ["name": .string(name)], workload: "7-12-x")
            #expect(answer.status == .denied, "\(answer.payload)")
            let still = try network.route(in: network.node) { route throws(NetlinkError) in try route.link(named: name)
            }
            #expect(still?.alias == "mine")
            _ = try network.route(in: network.node) { route throws(NetlinkError) in try route.deleteLink(named: name) }
        }
    }

    @Test("a tap comes only on a segment of a workload that is referred to, and that its plugin made")
    func tapsFollowReferences() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let segment = bench.name("b"), foreign = bench.name("c"), tap = bench.name("t")
            _ = await brokers.ask("first", "segment.create", ["name": .string(segment)], workload: "7-12-x")
            _ = await brokers.ask("second", "segment.create", ["name": .string(foreign)], workload: "8-13-z")
            func refer(_ name: String) {
                let export = Export(kind: "segment", value: ["segment": .string(name)])
                let reference = SubjectReference(
                    pointer: "/network", name: "x", workload: "7-12-x", type: "thing", state: "ok", data: [:],
                    result: .null, exports: [export])
                bench.registry.record(bench.subject("7-12-y", references: [reference]), of: "first")
            }
            let request: JSONValue = [
                "reference": "7-12-x", "name": .string(tap), "mac": "02:00:00:00:00:02", "vnet": true,
            ]
            #expect(await brokers.ask("first", "tap.create", request, workload: "7-12-y").status == .denied)
            refer(foreign)  // the exporting plugin names a segment that it does not own
            #expect(await brokers.ask("first", "tap.create", request, workload: "7-12-y").status == .denied)
            refer(segment)
            let made = await brokers.ask("first", "tap.create", request, workload: "7-12-y")
            #expect(made.status == .ok, "\(made.payload)")
            #expect(made.descriptors.isEmpty)
            #expect(await brokers.ask("first", "tap.create", request, workload: "7-12-y").payload["created"] == false)
            // The bridge goes with its network; the machine's tap stays, and is put on the next bridge of that name.
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            try network.route(in: network.node) { route throws(NetlinkError) in
                if let bridge = try route.link(named: segment) { try route.delete(bridge.index) }
            }
            let again = await brokers.ask("first", "segment.create", ["name": .string(segment)], workload: "7-12-x")
            #expect(again.payload["created"] == true, "\(again.payload)")
            let (link, bridge) = try network.route(in: network.node) { route throws(NetlinkError) in
                (try route.link(named: tap), try route.link(named: segment))
            }
            #expect(link != nil && link?.master == bridge?.index)
            #expect(
                await brokers.ask("first", "tap.delete", ["name": .string(tap)], workload: "7-12-x").status == .denied)
            #expect(await brokers.ask("first", "tap.delete", ["name": .string(tap)], workload: "7-12-y").status == .ok)
            #expect(access("/sys/class/net/\(tap)", F_OK) != 0)
        }
    }

    @Test("an export is opened below its plugin's folder only, and without following links")
    func exportsStayInside() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let folder = "\(bench.companions.root)/first"
            try SmallFile.replace(folder + "/disk", with: Array("content\n".utf8), .process)
            symlink("/etc/passwd", folder + "/link")
            func ask(_ path: String) async -> HostAnswer {
                let export = Export(kind: "block-device", value: ["path": .string(path)])
                let reference = SubjectReference(
                    pointer: "/disk", name: "x", workload: "7-12-x", type: "thing", state: "ok", data: [:],
                    result: .null, exports: [export])
                bench.registry.record(bench.subject("7-12-y", references: [reference]), of: "first")
                return await brokers.ask(
                    "first", "companion.run",
                    [
                        "companion": "shell", "instance": "i", "timeout": 10,
                        "slots": [
                            "script": "read -r l <&3; echo \"got $l\"", "disk": true,
                            "file": ["reference": "7-12-x", "export": "block-device"],
                        ],
                    ], workload: "7-12-y")
            }
            let good = await ask("disk")
            #expect(good.payload["output"] == "got content\n", "\(good.payload)")
            let byPath = await brokers.ask(
                "first", "companion.run",
                [
                    "companion": "shell", "instance": "k",
                    "slots": [
                        "script": "echo more >> \"$1\" && cat \"$1\"", "again": true,
                        "file": ["reference": "7-12-x", "export": "block-device"],
                    ],
                ], workload: "7-12-y")
            #expect(byPath.payload["output"] == "content\nmore\n", "\(byPath.payload)")
            for path in ["link", "../first/disk", "/etc/passwd", ".", ""] {
                let answer = await ask(path)
                #expect(answer.status != .ok, "\(path): \(answer.payload)")
            }
            let unreferenced = await brokers.ask(
                "first", "companion.run",
                [
                    "companion": "shell", "instance": "j",
                    "slots": [
                        "script": "cat", "disk": true, "file": ["reference": "8-13-z", "export": "block-device"],
                    ],
                ], workload: "7-12-y")
            #expect(unreferenced.status == .denied)
        }
    }

    @Test("an overlay is limited, keeps what was written over a remount, and is gone after its deletion")
    func overlays() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let root = "\(bench.companions.root)/roots/one"
            try SmallFile.replace(root + "/base", with: Array("base".utf8), .process)
            let url = JSONValue.string("dir://\(root)")
            let request: JSONValue = ["name": "7-12-x", "root": url, "size": 33_554_432]
            let made = await brokers.ask("first", "overlay.create", request, workload: "7-12-x")
            #expect(made.payload["created"] == true, "\(made.payload)")
            let merged = "\(bench.configuration.run)/overlays/7-12-x/merged"
            #expect(try SmallFile.read(merged + "/base") == Array("base".utf8))
            let big = open(merged + "/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            #expect(zos_fallocate(big, 0, 0, 64 << 20) == -ENOSPC)
            close(big)
            try SmallFile.remove(merged + "/big")  // ext4 keeps what it could reserve
            try SmallFile.replace(merged + "/kept", with: [1], .disk)
            // As after a reboot: the image is there, the mounts are not.
            zos_unmount(merged, 2)
            zos_unmount("\(bench.configuration.run)/overlays/7-12-x/layer", 2)
            let again = await brokers.ask("first", "overlay.create", request, workload: "7-12-x")
            #expect(again.payload["created"] == false, "\(again.payload)")
            #expect(try SmallFile.read(merged + "/kept") == [1])
            #expect(
                await brokers.ask("first", "overlay.delete", ["name": "7-12-x"], workload: "7-12-y").status == .denied)
            #expect(await brokers.ask("first", "overlay.delete", ["name": "7-12-x"], workload: "7-12-x").status == .ok)
            #expect(SmallFile.names("\(bench.companions.root)/pool") == ["directories"])
            for bad in ["https://hub/x.flist", "dir:///etc", "dir://\(root)/../../x", "dir://\(root)/missing"] {
                let answer = await brokers.ask("first", "root.open", ["url": .string(bad)])
                #expect([.invalid, .denied, .unsupported].contains(answer.status), "\(bad)")
            }
        }
    }

    @Test("a sweep removes what belongs to no known workload, and nothing else")
    func sweeps() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            for workload in ["7-12-x", "7-12-y"] {
                let letter = String(workload.suffix(1))
                _ = await brokers.ask(
                    "first", "segment.create", ["name": .string(bench.name(letter))], workload: workload)
                _ = await brokers.ask(
                    "first", "reserve", ["space": "address", "from": "1", "to": "9"], workload: workload)
                let started = await brokers.ask(
                    "first", "companion.start",
                    ["companion": "shell", "instance": .string(letter), "slots": ["script": "exec sleep 1000"]],
                    workload: workload)
                #expect(started.status == .ok, "\(started.payload)")
            }
            await brokers.sweep(known: ["7-12-y"])
            #expect(access("/sys/class/net/\(bench.name("x"))", F_OK) != 0)
            #expect(access("/sys/class/net/\(bench.name("y"))", F_OK) == 0)
            let instances = try await runner.instances().map(\.instance)
            #expect(instances == ["y"])
            let left = await brokers.ask("first", "reserved", ["space": "address"]).payload["values"]?.arrayValue
            #expect(left?.map { $0["owner"] } == ["7-12-y"])
        }
    }

    @Test("no descriptor, mount, namespace, process or group is left behind by all that")
    func leavesNothing() async throws {
        let bench = try BrokerBench()
        let before = SmallFile.names("/proc/self/fd").count
        for _ in 0..<3 {
            try await bench.withBrokers { brokers, _ in
                let name = bench.name("n")
                _ = await brokers.ask("first", "namespace.create", ["name": .string(name)], workload: "7-12-x")
                _ = await brokers.ask(
                    "first", "netlink.open", ["namespace": .string(name), "protocol": "route"], workload: "7-12-x")
                _ = await brokers.ask("first", "link.tun", ["name": .string(bench.name("u"))], workload: "7-12-x")
            }
        }
        #expect(SmallFile.names("/proc/self/fd").count <= before + 8, "other tests run at the same time")
        #expect(access(bench.companions.root, F_OK) != 0)
        let mounts = String(decoding: try SmallFile.read("/proc/self/mounts") ?? [], as: UTF8.self)
        #expect(!mounts.contains(bench.companions.root))
    }
}
