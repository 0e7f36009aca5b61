import Glibc
import JSON
import Testing

@testable import Hosting

/// The node is asked to do for one what belongs to another. `$n`, `$s`, `$l`, `$o` and `$i` stand for the victim's
/// namespace, segment, link, overlay and companion.
@Suite("the node as a confused deputy", .serialized, .bystander("deputy"), .deputyBench)
struct HostileDeputyTests {
    struct Attack: CustomTestStringConvertible, Sendable {
        let service: String
        let request: JSONValue
        /// Statuses that are a refusal here; with `ok` the answer is about the attacker's own, empty things.
        var refusals: Set<PluginStatus> = [.denied]
        var what = ""
        var testDescription: String { what.isEmpty ? service : "\(service), \(what)" }
    }

    static let objects: [Attack] = [
        Attack(service: "namespace.create", request: ["name": "$n"]),
        Attack(service: "namespace.delete", request: ["name": "$n"]),
        Attack(service: "netlink.open", request: ["namespace": "$n", "protocol": "route"], what: "route"),
        Attack(service: "netlink.open", request: ["namespace": "$n", "protocol": "netfilter"], what: "netfilter"),
        Attack(service: "netlink.open", request: ["namespace": "$n", "protocol": "generic"], what: "generic"),
        Attack(service: "sysctl.set", request: ["namespace": "$n", "key": "net.ipv4.ip_forward", "value": "1"]),
        Attack(service: "segment.create", request: ["name": "$s"]),
        Attack(
            service: "segment.create", request: ["name": "fresh", "namespace": "$n"], what: "in the victim's namespace"),
        Attack(service: "segment.delete", request: ["name": "$s"]),
        Attack(service: "segment.attach", request: ["segment": "$s", "namespace": "$n", "name": "x"]),
        Attack(service: "segment.detach", request: ["segment": "$s", "namespace": "$n", "name": "leg"]),
        Attack(service: "link.create", request: ["kind": "bridge", "name": "x", "namespace": "$n"]),
        Attack(service: "link.move", request: ["name": "$l", "namespace": "$n"], refusals: [.denied, .invalid]),
        Attack(service: "link.delete", request: ["name": "$l", "namespace": "$n"]),
        Attack(
            service: "link.delete", request: ["name": "$s"], refusals: [.denied, .invalid, .ok],
            what: "the segment as a link"
        ),
        Attack(
            service: "tap.create",
            request: ["reference": .string(DeputyBench.target), "name": "x", "mac": "02:00:00:00:00:01", "vnet": true],
            refusals: [.denied, .invalid]),
        Attack(service: "tap.delete", request: ["name": "$s"], refusals: [.denied, .ok], what: "the segment as a tap"),
        Attack(service: "overlay.create", request: ["name": "$o", "root": "$root", "size": 33_554_432]),
        Attack(service: "overlay.delete", request: ["name": "$o"]),
        Attack(
            service: "companion.start", request: ["companion": "stay", "instance": "x", "slots": [:], "as": "$i"],
            refusals: [.ok, .denied], what: "with an unknown member"),
        Attack(
            service: "listener.open",
            request: ["namespace": "$n", "address": "127.0.0.1", "port": 20001, "instance": "$i", "socket": "console"],
            refusals: [.denied, .invalid]),
        Attack(
            service: "listener.open",
            request: [
                "reference": .string(DeputyBench.target), "port": 20001, "instance": "$i", "socket": "console",
            ], refusals: [.denied, .invalid], what: "on an address that nobody exported to it"),
    ]

    static let instances: [Attack] = [
        Attack(service: "companion.stop", request: ["instance": "$i", "signal": 9], refusals: [.denied, .ok]),
        Attack(service: "companion.status", request: ["instance": "$i"], refusals: [.denied, .ok]),
        Attack(
            service: "companion.connect", request: ["instance": "$i", "socket": "s"],
            refusals: [.denied, .failed, .unavailable]),
        Attack(service: "companion.delete", request: ["instance": "$i"], refusals: [.denied, .ok]),
        Attack(service: "release", request: ["space": "udp-port", "value": "3456"], refusals: [.ok, .invalid]),
        Attack(service: "release", request: ["space": "udp-port"], refusals: [.ok, .invalid], what: "everything"),
        Attack(service: "reserve", request: ["space": "udp-port", "value": "3456"], refusals: [.invalid, .denied]),
        Attack(
            service: "reserve", request: ["space": "udp-port", "value": "443"], refusals: [.invalid, .denied],
            what: "the node's own"),
        Attack(
            service: "release", request: ["space": "udp-port", "scope": .string(DeputyBench.target)], refusals: [.ok],
            what: "with the victim's workload as a scope"),
        Attack(
            service: "reserve", request: ["space": "elsewhere", "value": "1"], what: "in a space that it may not use"),
        Attack(
            service: "companion.start", request: ["companion": "nothing", "instance": "x"], what: "that no manifest has"
        ),
        Attack(
            service: "exit.attach", request: ["exit": "node", "segment": "$s", "name": "x"], what: "that it may not use"
        ),
    ]

    static let kept: [Attack] = [
        Attack(service: "secret.get", request: ["name": "k"], refusals: [.ok]),
        Attack(service: "secret.put", request: ["name": "k", "value": "forged"], refusals: [.ok]),
        Attack(service: "secret.delete", request: ["name": "k"], refusals: [.ok]),
        Attack(service: "secret.list", request: [:], refusals: [.ok]),
        Attack(service: "secret.get", request: ["name": "../7-12-v/k"], refusals: [.invalid], what: "with a path"),
        Attack(
            service: "secret.get", request: ["name": "k", "workload": "7-12-v"], refusals: [.ok],
            what: "with a workload inside"),
        Attack(service: "timer.list", request: [:], refusals: [.ok]),
        Attack(service: "timer.cancel", request: ["name": "t"], refusals: [.ok]),
        Attack(service: "timer.set", request: ["name": "t", "after": 3600, "content": "forged"], refusals: [.ok]),
        Attack(service: "directory.usage", request: ["name": "d"], refusals: [.invalid]),
        Attack(service: "directory.resize", request: ["name": "d", "size": 67_108_864], refusals: [.invalid]),
        Attack(service: "directory.delete", request: ["name": "d"], refusals: [.ok]),
        Attack(service: "directory.usage", request: ["name": "../victim/d"], refusals: [.invalid], what: "with a path"),
        Attack(
            service: "workload.lookup", request: ["reference": .string(DeputyBench.target)], refusals: [.ok, .invalid]),
        Attack(service: "workload.lookup", request: ["name": "7-12-v"], refusals: [.ok, .invalid], what: "by name"),
        Attack(service: "export.holders", request: [:], refusals: [.ok, .invalid]),
        Attack(
            service: "socket.open",
            request: [
                "namespace": "$n", "family": "inet", "type": "tcp", "bind": ["address": "127.0.0.1", "port": 7001],
            ],
            refusals: [.denied]),
        Attack(
            service: "socket.open",
            request: ["family": "inet", "type": "tcp", "bind": ["address": "127.0.0.1", "port": 7001]],
            refusals: [.invalid, .denied], what: "in the node's own network"),
        Attack(
            service: "socket.open",
            request: [
                "namespace": "/proc/1/ns/net", "family": "inet", "type": "tcp",
                "connect": ["address": "127.0.0.1", "port": 7000],
            ],
            refusals: [.invalid, .denied], what: "in a namespace by path"),
    ]

    @Test("what is kept for somebody else is neither read nor changed, whoever asks", arguments: kept, askers)
    func onKept(_ attack: Attack, _ asker: String) async throws { try await object(attack, asker) }

    @Test("a plugin that is refused in a loop does not fill the log")
    func refusedInALoop() async throws {
        let bench = try #require(DeputyBench.current)
        let before = bench.log.lines.count
        for _ in 0..<2000 { _ = await bench.ask("org.example.loop", "no.such\u{1b}[2J", [:]) }
        let lines = bench.log.lines.dropFirst(before).filter { $0.metadata["plugin"] == "org.example.loop" }
        #expect(lines.count == RefusalRate.limit + 1)
        #expect(lines.allSatisfy { line in line.metadata.values.allSatisfy { !$0.utf8.contains(0x1b) } })
    }

    /// Who asks: another plugin by itself, for its own workload, or the victim's own plugin for another twin's.
    static let askers = [
        "another plugin", "another plugin for its workload", "the same plugin for another twin's workload",
    ]

    @Test("an object of somebody else's is not touched, whoever asks", arguments: objects + instances, askers)
    func object(_ attack: Attack, _ asker: String) async throws {
        let (plugin, workload): (String, String?) =
            switch asker {
            case Self.askers[0]: (DeputyBench.attacker, nil)
            case Self.askers[1]: (DeputyBench.attacker, DeputyBench.own)
            default: (DeputyBench.victim, DeputyBench.neighbour)
            }
        let bench = try #require(DeputyBench.current)
        let before = try await bench.picture()
        let answer = await bench.ask(plugin, attack.service, bench.fill(attack.request), workload: workload)
        #expect(attack.refusals.union([.denied]).contains(answer.status), "\(answer.status): \(answer.payload.text)")
        #expect(answer.descriptors.isEmpty && answer.payload["running"] != true)
        #expect(!answer.payload.text.contains(DeputyBench.secret), "\(answer.payload.text)")
        await bench.tidy(plugin, workload)
        #expect(try await bench.picture() == before)
    }

    @Test("nobody acts in the name of a workload that is not its own", arguments: objects + instances + kept)
    func foreignName(_ attack: Attack) async throws {
        let bench = try #require(DeputyBench.current)
        let before = try await bench.picture()
        for workload in [DeputyBench.target, DeputyBench.neighbour, "9-9-nobody", "", "../7-12-v"] {
            let answer = await bench.ask(
                DeputyBench.attacker, attack.service, bench.fill(attack.request), workload: workload)
            #expect(answer.status == .denied, "\(workload): \(answer.payload.text)")
        }
        #expect(try await bench.picture() == before)
    }

    /// Texts that mean something to a program, a path or a shell.
    static let evilTexts = [
        "", ".", "..", "/", "../x", "a/b", "/etc/passwd", "-rf", "--help", "a,readonly=off", "a=b", "a b", "a\nb",
        "a\tb",
        "a\0b", "$(id)", "`id`", "a;id", "a|id", "a\"b", "a'b", "a\\b", "a%sb", "é", "a\u{202e}b", "{{", "*",
        String(repeating: "a", count: 65),
    ]

    static let injections: [(String, JSONValue)] =
        ["name", "path", "mac", "enumeration", "integer", "descriptor", "device"].flatMap { type in
            evilTexts.map { (type, JSONValue.string($0)) }
        }
        + [
            ("integer", -1), ("integer", 101), ("integer", .number(JSONNumber(uncheckedText: "1.5"))),
            ("integer", .number(JSONNumber(uncheckedText: "1e99"))), ("integer", true), ("integer", .null),
            ("name", 7), ("mac", "02:00:00:00:00:0G"), ("mac", "02:00:00:00:00:01,x"), ("mac", "02-00-00-00-00-01"),
            ("enumeration", "One"), ("enumeration", "one "), ("path", ["a"]),
            ("descriptor", ["index": 0]), ("descriptor", ["index": -1]), ("descriptor", ["index": 99]),
            ("descriptor", ["tap": "eth0"]), ("descriptor", ["connect": "$i", "socket": "../x"]),
            ("descriptor", ["connect": "$i", "socket": "s"]),
            ("descriptor", ["reference": .string(DeputyBench.target), "export": "block-device"]),
            ("descriptor", ["reference": .string(DeputyBench.neighbour), "export": "block-device"]),
            ("descriptor", ["reference": .string(DeputyBench.neighbour), "export": "directory"]),
            ("descriptor", ["reference": .string(DeputyBench.neighbour), "export": "address"]),
            ("device", ["reference": .string(DeputyBench.target), "export": "directory", "access": "read"]),
            ("device", ["reference": "../../x", "export": "block-device"]),
        ]

    @Test("no value of a slot changes a companion's command line", arguments: injections)
    func injection(_ type: String, _ value: JSONValue) async throws {
        let bench = try #require(DeputyBench.current)
        let before = try await bench.picture()
        let request: JSONValue = [
            "companion": .string(type), "instance": "injected", "slots": ["value": bench.fill(value)],
        ]
        let answer = await bench.ask(DeputyBench.attacker, "companion.run", request, workload: DeputyBench.own)
        #expect(answer.status != .ok, "\(value.text) ran: \(answer.payload.text)")
        #expect(try await bench.picture() == before)
    }

    @Test("a command line of more than 1,024 arguments is refused")
    func manyArguments() async throws {
        let bench = try #require(DeputyBench.current)
        let list = JSONValue.array(Array(repeating: [:], count: 2000))
        let answer = await bench.ask(
            DeputyBench.attacker, "companion.run",
            ["companion": "many", "instance": "many", "slots": ["list": list]], workload: DeputyBench.own)
        #expect(answer.status == .invalid, "\(answer.payload.text)")
    }

    /// Members that become names of links, namespaces, files and folders.
    static let names: [(String, String, JSONValue)] = [
        ("namespace.create", "name", [:]), ("segment.create", "name", [:]), ("link.tun", "name", [:]),
        ("link.create", "name", ["kind": "bridge", "namespace": "a"]),
        ("overlay.create", "name", ["root": "$root", "size": 33_554_432]),
        ("companion.start", "instance", ["companion": "stay"]),
        ("tap.create", "name", ["reference": "x", "mac": "02:00:00:00:00:01"]),
        ("companion.connect", "socket", ["instance": "a"]), ("root.open", "url", [:]),
        ("sysctl.set", "key", ["namespace": "a", "value": "1"]),
    ]

    @Test("no text becomes a name that means more than a name", arguments: names)
    func evilName(_ service: String, _ member: String, _ rest: JSONValue) async throws {
        let bench = try #require(DeputyBench.current)
        let before = try await bench.picture()
        for evil in Self.evilTexts {
            var request = rest.objectValue ?? [:]
            request[member] = .string(evil)
            let answer = await bench.ask(
                DeputyBench.attacker, service, bench.fill(.object(request)), workload: DeputyBench.own)
            #expect(answer.status != .ok, "\(evil.debugDescription): \(answer.payload.text)")
        }
        #expect(try await bench.picture() == before)
    }

    @Test(
        "no kernel value outside the namespace's own is set",
        arguments: [
            "kernel.core_pattern", "fs.suid_dumpable", "net", "net.", "net..ipv4.ip_forward", "net.ipv4.conf.../x",
            "vm.overcommit_memory",
            "net/../kernel/core_pattern", "net.ipv4/../../kernel/core_pattern", "net.ipv4.ip_forward\0.x",
            ".net.ipv4.ip_forward",
            "NET.ipv4.ip_forward",
        ])
    func kernelValue(_ key: String) async throws {
        let bench = try #require(DeputyBench.current)
        let pattern = try SmallFile.read("/proc/sys/kernel/core_pattern")
        let answer = await bench.ask(
            DeputyBench.victim, "sysctl.set",
            ["namespace": .string(bench.name("n")), "key": .string(key), "value": "1"],
            workload: DeputyBench.target)
        #expect(answer.status != .ok, "\(answer.payload.text)")
        #expect(try SmallFile.read("/proc/sys/kernel/core_pattern") == pattern)
    }

    @Test(
        "no root is opened beyond those of the operator, nor a file beyond a root",
        arguments: [
            "dir:///etc", "dir:///", "dir://$r/../../etc", "dir://$r/one/../../..", "dir://etc", "file:///etc",
            "dir://$r\0/one",
            "dir://$r/one/door",
        ])
    func root(_ url: String) async throws {
        let bench = try #require(DeputyBench.current)
        symlink("/etc", "\(bench.root)/roots/one/door")
        symlink("/etc/passwd", "\(bench.root)/roots/one/file")
        defer { unlink("\(bench.root)/roots/one/door"); unlink("\(bench.root)/roots/one/file") }
        let text = url.split(separator: "$r", omittingEmptySubsequences: false).joined(separator: "\(bench.root)/roots")
        let answer = await bench.ask(DeputyBench.attacker, "root.open", ["url": .string(text)])
        #expect(answer.status != .ok, "\(answer.payload.text)")
        let inside = await bench.ask(
            DeputyBench.attacker, "root.open",
            [
                "url": .string("dir://\(bench.root)/roots/one"),
                "probe": ["file", "door/passwd", "../../../../etc/passwd"],
                "read": ["file", "door/passwd", "/etc/passwd", "/proc/self/environ"],
            ])
        #expect(inside.status == .ok && inside.payload["files"] == [] && inside.payload["texts"] == [:])
    }
}

extension DeputyBench {
    /// Puts the victim's names into a request.
    func fill(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string("$root"): return .string("dir://\(root)/roots/one")
        case .string(let text) where text.hasPrefix("$") && text.utf8.count == 2 && "nsloi".contains(text.dropFirst()):
            return .string(name(String(text.dropFirst())))
        case .array(let list): return .array(list.map(fill))
        case .object(let object):
            var filled = JSONObject()
            for member in object.members { filled[member.key] = fill(member.value) }
            return .object(filled)
        default: return value
        }
    }

    /// Removes what an attack made for the attacker itself.
    func tidy(_ plugin: String, _ workload: String?) async {
        _ = await ask(plugin, "companion.delete", ["instance": "x"], workload: workload)
        _ = await ask(plugin, "secret.delete", ["name": "k"], workload: workload)
        _ = await ask(plugin, "timer.cancel", ["name": "t"], workload: workload)
        if plugin == Self.attacker { _ = await ask(plugin, "namespace.delete", ["name": "x"], workload: workload) }
    }
}
