import CHost
import Glibc
import JSON
import Netlink

@testable import Hosting

/// Brokers in a folder of their own, with two plugins that know nothing of each other.
struct BrokerBench {
    let companions: CompanionBench
    var configuration: BrokerConfiguration
    let registry = SubjectRegistry()
    let suffix: String

    init() throws {
        companions = CompanionBench()
        suffix = companions.root.split(separator: "-").suffix(2).joined(separator: "-")
        var configuration = BrokerConfiguration(
            node: 1, state: "\(companions.root)/state", run: "\(companions.root)/run",
            namespaces: "\(companions.root)/netns")
        configuration.pool = "\(companions.root)/pool"
        configuration.roots = ["\(companions.root)/roots"]
        configuration.secretKey = "\(companions.root)/secrets.key"
        configuration.reserved = ["udp-port": ["443"]]
        self.configuration = configuration
        try SmallFile.makeFolder("\(companions.root)/pool", mode: 0o700)
        try SmallFile.makeFolder("\(companions.root)/roots/one", mode: 0o755)
    }

    /// A link's name that no other test uses.
    func name(_ prefix: String) -> String { "\(prefix)-\(suffix)" }

    static let everything: [String: JSONValue] = [
        "directories": [:], "secrets": [:], "timers": [:], "lookup": [:],
        "sockets": ["families": ["inet"], "types": ["tcp", "udp"], "bind": ["7000-7009"], "connect": ["7000"]],
        "network-namespaces": [:], "segments": [:], "taps": [:], "listeners": ["ports": ["from": 20000, "to": 20255]],
        "roots": [:], "exits": ["exits": ["public"]],
        "links": ["kinds": ["tun", "veth", "bridge", "nosuchkind"]],
        "reservations": ["spaces": ["udp-port", "address"], "check": ["udp-port": "udp"]],
    ]

    func subject(_ id: String, references: [SubjectReference] = []) -> Subject {
        Subject(
            id: id, twin: 7, contract: 12, name: id, type: "thing", version: 0, data: [:], references: references)
    }

    func withBrokers(_ body: (Brokers, CompanionRunner) async throws -> Void) async throws {
        registry.record(subject("7-12-x"), of: "first")
        registry.record(subject("7-12-y"), of: "first")
        registry.record(subject("8-13-z"), of: "second")
        let runner = try companions.runner()
        let brokers = try Brokers(configuration, registry: registry, companions: runner)
        let user = OwnedDescriptor(taking: try checked(zos_userns_new(2_000_000, 65536), "make a user namespace"))
        let folder = "\(companions.root)/first"
        try SmallFile.makeFolder(folder, mode: 0o700)
        let owned = OwnedDescriptor(taking: open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        brokers.register(
            PluginRights(
                plugin: "first", entitlements: Self.everything,
                companions: try [Self.companion(), Self.server()] + Self.readers(),
                folder: owned,
                userNamespace: user))
        brokers.register(PluginRights(plugin: "second", entitlements: Self.everything))
        brokers.register(PluginRights(plugin: "third", entitlements: [:]))
        let loop = Task { await runner.run() }
        do { try await body(brokers, runner) } catch {
            await brokers.sweepAll()
            loop.cancel()
            try await companions.clear()
            throw error
        }
        await brokers.sweepAll()
        loop.cancel()
        try await companions.clear()
    }

    /// Answers in capital letters over a UNIX socket, and with `bye` when a caller has no more to say.
    static func server() throws -> CompanionSpecification {
        let script = """
            import socket, sys, threading
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen(8)
            def serve(caller):
                while True:
                    data = caller.recv(65536)
                    if not data: break
                    caller.sendall(data.upper())
                caller.sendall(b"bye")
                caller.close()
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],)).start()
            """
        return try CompanionSpecification(parsing: [
            "id": "server", "program": "/usr/bin/python3",
            "arguments": ["-c", .string(script), ["slot": "socket", "type": "path"]],
        ])
    }

    /// Programs with a directory at /mnt/data, one that reads and one that stays.
    static func readers() throws -> [CompanionSpecification] {
        try [("reader", "exec cat /mnt/data/hello"), ("holder", "exec sleep 1000")].map { id, script in
            try CompanionSpecification(parsing: [
                "id": .string(id), "program": "/bin/sh", "arguments": ["-c", .string(script)],
                "mounts": [["at": "/mnt/data", "slot": "data"]],
            ])
        }
    }

    static func companion() throws -> CompanionSpecification {
        try CompanionSpecification(parsing: [
            "id": "shell", "program": "/bin/sh",
            "arguments": [
                "-c",
                [
                    "slot": "script", "type": "enumeration",
                    "values": [
                        "cat", "exec sleep 1000", "read -r l <&3; echo \"got $l\"", "echo more >> \"$1\" && cat \"$1\"",
                    ],
                ],
                ["when": "disk", "arguments": [["slot": "file", "type": "descriptor"]]],
                ["when": "again", "arguments": ["name", ["slot": "file", "type": "descriptor", "as": "path"]]],
            ],
        ])
    }
}

extension Brokers {
    func ask(
        _ plugin: String, _ service: String, _ request: JSONValue, workload: String? = nil
    ) async -> HostAnswer {
        await serve(HostCall(plugin: plugin, service: service, workload: workload, request: request))
    }

    /// Everything that any workload or plugin of the test owns.
    func sweepAll() async {
        await sweep(known: [])
        await removeAll()
    }
}
