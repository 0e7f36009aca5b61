import CHost
import Glibc
import JSON
import Netlink
import Synchronization
import Testing
import WorkerFixtures

@testable import Hosting

/// The node's services with a victim whose objects stand ready, and an attacker with every entitlement.
struct DeputyBench: Sendable {
    static let victim = "org.example.victim"
    static let attacker = "org.example.attacker"
    /// A workload of the victim's, the one that owns everything; another twin's of the same plugin; the attacker's.
    static let target = "7-12-v"
    static let neighbour = "8-13-n"
    static let own = "8-14-a"

    @TaskLocal static var current: DeputyBench?

    private static let counter = Atomic<UInt32>(0)
    let root: String
    let suffix: String
    let configuration: BrokerConfiguration
    let brokers: Brokers
    let log = HostileLog()
    let runner: CompanionRunner
    let group: String
    /// User namespaces of victim and attacker.
    let namespaces: [OwnedDescriptor]
    static let bases: [UInt32] = [0x6100_0000, 0x6101_0000]

    init() throws {
        suffix = "\(getpid() % 10000)\(Self.counter.add(1, ordering: .relaxed).newValue)"
        root = "/tmp/zos-deputy-\(getpid())-\(suffix)"
        group = "zos-deputy-\(getpid())-\(suffix)"
        var configuration = BrokerConfiguration(
            node: 1, state: "\(root)/state", run: "\(root)/run", namespaces: "\(root)/netns")
        configuration.pool = "\(root)/pool"
        configuration.roots = ["\(root)/roots"]
        configuration.secretKey = "\(root)/secrets.key"
        configuration.reserved = ["udp-port": ["443"]]
        self.configuration = configuration
        for folder in ["pool", "roots/one", "folders/victim", "folders/attacker"] {
            try SmallFile.makeFolder("\(root)/\(folder)", mode: 0o755)
        }
        let registry = SubjectRegistry()
        registry.record(Self.subject(Self.target, twin: 7), of: Self.victim)
        registry.record(Self.subject(Self.neighbour, twin: 8), of: Self.victim)
        registry.record(Self.subject(Self.own, twin: 8, references: [Self.reference]), of: Self.attacker)
        let companions = CompanionConfiguration(
            shim: String(WorkerBench.worker.dropLast("worker".utf8.count)) + "shim", folder: "\(root)/companions",
            cgroup: "\(group)/companions",
            rootPolicy: .refused)
        let users = UserNumbers(700_000 + UInt32(getpid() % 1000) * 64)
        runner = try CompanionRunner(companions) { users.next() }
        brokers = try Brokers(configuration, registry: registry, companions: runner, log: log.logger)
        namespaces = try Self.bases.map {
            OwnedDescriptor(taking: try checked(zos_userns_new($0, 65536), "make a user namespace"))
        }
        for (index, plugin) in [Self.victim, Self.attacker].enumerated() {
            let path = "\(root)/folders/\(plugin == Self.victim ? "victim" : "attacker")"
            let opened = OwnedDescriptor(taking: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
            brokers.register(
                PluginRights(
                    plugin: plugin, entitlements: Self.everything, companions: try Self.companions(), folder: opened,
                    userNamespace: namespaces[index]))
        }
    }

    static let everything: [String: JSONValue] = [
        "network-namespaces": [:], "segments": [:], "taps": [:], "roots": [:], "exits": ["exits": ["public"]],
        "links": ["kinds": ["veth", "bridge", "tun"]], "reservations": ["spaces": ["udp-port", "address"]],
        "directories": [:], "secrets": [:], "timers": [:], "lookup": [:],
        "sockets": ["families": ["inet"], "types": ["tcp", "udp"], "bind": ["7000-7009"], "connect": ["7000"]],
        "listeners": ["ports": ["from": 20000, "to": 20255]],
    ]

    private static func subject(_ id: String, twin: UInt32, references: [SubjectReference] = []) -> Subject {
        Subject(
            id: id, twin: twin, contract: 12, name: id, type: "thing", version: 0, data: [:], references: references)
    }

    /// What the attacker's own data refers to, validated by the core: a workload that exports no device.
    private static let reference = SubjectReference(
        pointer: "/x", name: "n", workload: neighbour, type: "thing", state: "ok", data: [:], result: .null,
        exports: [Export(kind: "address", value: ["namespace": "root", "address": "127.0.0.1"])])

    /// One companion for each type of slot, which only prints what it was given, and one that stays.
    private static func companions() throws -> [CompanionSpecification] {
        var all: [JSONValue] = [
            ["id": "stay", "program": "/bin/sleep", "arguments": ["1000"]],
            ["id": "many", "program": "/bin/echo", "arguments": [["each": "list", "arguments": ["x"]]]],
        ]
        let types: [(String, JSONValue)] = [
            ("integer", ["type": "integer", "min": 0, "max": 100]),
            ("enumeration", ["type": "enumeration", "values": ["one", "two"]]), ("name", ["type": "name"]),
            ("mac", ["type": "mac"]), ("path", ["type": "path"]), ("descriptor", ["type": "descriptor"]),
            ("device", ["type": "descriptor", "as": "path"]),
        ]
        for (id, type) in types {
            all.append([
                "id": .string(id), "program": "/bin/echo",
                "arguments": [["format": "file={value},readonly=on", "slots": ["value": type]]],
            ])
        }
        return try all.map { try CompanionSpecification(parsing: $0) }
    }

    /// What nobody but the victim's workload may read.
    static let secret = "only the victim's"

    func name(_ prefix: String) -> String { "\(prefix)\(suffix)" }

    func ask(
        _ plugin: String, _ service: String, _ request: JSONValue, workload: String? = nil
    ) async -> HostAnswer {
        await brokers.serve(HostCall(plugin: plugin, service: service, workload: workload, request: request))
    }

    /// Makes everything that the attacks aim at.
    func furnish() async throws {
        let made: [(String, JSONValue)] = [
            ("namespace.create", ["name": .string(name("n"))]), ("segment.create", ["name": .string(name("s"))]),
            (
                "segment.attach",
                ["segment": .string(name("s")), "namespace": .string(name("n")), "name": "leg"]
            ),
            ("link.create", ["kind": "veth", "name": .string(name("l")), "namespace": .string(name("n"))]),
            ("reserve", ["space": "udp-port", "value": "3456"]),
            (
                "overlay.create",
                ["name": .string(name("o")), "root": .string("dir://\(root)/roots/one"), "size": 33_554_432]
            ),
            ("secret.put", ["name": "k", "value": .string(Self.secret)]),
            ("timer.set", ["name": "t", "after": 86400, "content": .string(Self.secret)]),
            ("directory.create", ["name": "d", "size": 33_554_432]),
            ("companion.start", ["companion": "stay", "instance": .string(name("i"))]),
        ]
        for (service, request) in made {
            let answer = await ask(Self.victim, service, request, workload: Self.target)
            try #require(answer.status == .ok, "\(service): \(answer.payload.text)")
        }
    }

    /// The victim's objects: what no attack may change.
    func picture() async throws -> [String] {
        var lines = SmallFile.names("\(configuration.run)/objects").sorted()
        let values = await ask(Self.victim, "reserved", ["space": "udp-port"], workload: Self.target)
        lines.append(values.payload.text)
        for (service, request) in [
            ("secret.get", ["name": "k"]), ("secret.list", [:]), ("timer.list", [:]),
            ("directory.usage", ["name": "d"]),
        ] as [(String, JSONValue)] {
            lines.append(await ask(Self.victim, service, request, workload: Self.target).payload.text)
        }
        for instance in try await runner.instances() {
            lines.append("\(instance.plugin) \(instance.instance) \(instance.isRunning) \(instance.process)")
        }
        let network = try NodeNetwork(namespaces: configuration.namespaces)
        let place = try #require(try network.open(name("n")))
        let links = try network.route(in: place) { route throws(NetlinkError) in try route.links() }
        lines += links.map { "\($0.name) \($0.isUp) \($0.mtu)" }.sorted()
        lines += SmallFile.names("/sys/class/net").sorted().filter { $0.hasSuffix(suffix) }
        lines += SmallFile.names("\(root)/pool").sorted()
        return lines
    }

    func clear() async {
        await brokers.sweep(known: [])
        await brokers.removeAll()
        // What is left is a folder below /tmp and an empty group.
        try? SmallFile.removeTree(root)
        for folder in ((try? CgroupTree.mounted())?.roots ?? [:]).values {
            rmdir("\(folder)/\(group)/companions")
            rmdir("\(folder)/\(group)")
        }
    }
}

private final class UserNumbers: Sendable {
    private let last: Atomic<UInt32>
    init(_ first: UInt32) { last = Atomic(first) }
    func next() -> UInt32 { last.add(1, ordering: .relaxed).newValue }
}

/// One bench for a suite: what it takes to furnish it is more than any attack takes.
struct DeputyTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let bench = try DeputyBench()
        let loop = Task { await bench.runner.run() }
        var thrown: (any Error)?
        do {
            try await bench.furnish()
            try await DeputyBench.$current.withValue(bench) { try await function() }
        } catch { thrown = error }
        await bench.clear()
        loop.cancel()
        await loop.value
        if let thrown { throw thrown }
    }
}

extension Trait where Self == DeputyTrait {
    static var deputyBench: DeputyTrait { DeputyTrait() }
}
