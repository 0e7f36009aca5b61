import Foundation
import JSON
import TestNode

/// One private network, 10.20.0.0/16, on both nodes of a grid, with the user's computer in it. The first node is the access
/// node; the second is hidden: it knows the first alone, and nobody knows where it is
/// (docs/spec/workloads.md section 3.2).
struct SpanningNetwork: Sendable {
    struct Keys: Sendable {
        let secret: String
        let shared: String
    }

    let grid: Grid
    let access: Keys
    let hidden: Keys
    let user: Keys
    static let range = ["10.20.0.0/16", "100.64.0.0/16"]

    init(_ grid: Grid) async throws {
        self.grid = grid
        (access, hidden, user) = (try await Self.keys(grid), try await Self.keys(grid), try await Self.keys(grid))
    }

    /// Deploys the network on both nodes.
    func deploy() async throws {
        _ = try await grid.first.user().deployed([
            Self.network(
                "10.20.1.0/24", port: 3011, access,
                peers: [
                    Self.peer(hidden, "10.20.2.0/24", ["10.20.2.0/24", "100.64.20.2/32"]),
                    Self.peer(user, "10.20.9.0/24", ["10.20.9.0/24", "100.64.20.9/32"]),
                ])
        ])
        _ = try await grid.second.user().deployed([
            Self.network(
                "10.20.2.0/24", port: 3012, hidden,
                peers: [Self.peer(access, "10.20.1.0/24", Self.range, endpoint: "10.77.0.1:3011")])
        ])
    }

    /// Puts something with an address on a node's part of the network, where a machine's link would be.
    func machine(_ name: String, on node: RunningNode, _ address: String, gateway: String) async throws -> String {
        let machine = try await grid.exchange.space(name)
        let host = try node.description().namespaces + "/host"
        let namespaces = try FileManager.default.contentsOfDirectory(atPath: node.folder + "/run/netns")
        guard let network = namespaces.first(where: { $0.hasPrefix("n-") }) else {
            throw Programs.Failure("the network has no namespace: \(namespaces)")
        }
        let exchange = grid.exchange
        try await exchange.succeed(
            host, "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", machine)
        try await exchange.succeed(
            host, "ip", "link", "set", name, "master", "b-" + network.dropFirst(2), "up")
        try await exchange.succeed(machine, "ip", "address", "add", "\(address)/24", "dev", "eth0")
        for link in ["lo", "eth0"] { try await exchange.succeed(machine, "ip", "link", "set", link, "up") }
        try await exchange.succeed(machine, "ip", "route", "add", "default", "via", gateway)
        return machine
    }

    /// Connects the user's computer to the access node.
    func connectUser() async throws {
        let exchange = grid.exchange
        let name = "ztwg\(getpid() % 100_000)"
        let secret = try exchange.write(user.secret + "\n", to: "user.key")
        _ = try exchange.start(
            grid.userSpace, ["env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "-f", name], log: "wireguard")
        let socket = "/var/run/wireguard/\(name).sock"
        exchange.removeAtEnd(socket)
        try await eventually("wireguard-go listens") { FileManager.default.fileExists(atPath: socket) }
        let space = grid.userSpace
        try await exchange.succeed(
            space, "wg", "set", name, "private-key", secret, "peer", access.shared, "endpoint", "10.77.0.1:3011",
            "allowed-ips", Self.range.joined(separator: ","), "persistent-keepalive", "25")
        for address in ["100.64.20.9/32", "10.20.9.1/32"] {
            try await exchange.succeed(space, "ip", "address", "add", address, "dev", name)
        }
        try await exchange.succeed(space, "ip", "link", "set", name, "up")
        for range in Self.range { try await exchange.succeed(space, "ip", "route", "add", range, "dev", name) }
    }

    func reaches(_ space: String, _ address: String) async throws -> Bool {
        try await grid.exchange.run(space, "ping", "-c", "1", "-W", "1", address).status == 0
    }

    private static func keys(_ grid: Grid) async throws -> Keys {
        func text(_ line: String...) async throws -> String {
            let outcome = try await grid.exchange.run(grid.userSpace, line)
            guard outcome.status == 0 else { throw Programs.Failure("\(line): \(outcome.output)") }
            // Before it, wg warns about the file that takes its output.
            return outcome.output.split(separator: "\n").last.map(String.init) ?? ""
        }
        let secret = try await text("wg", "genkey")
        let file = try grid.exchange.write(secret + "\n", to: "key")
        return Keys(secret: secret, shared: try await text("sh", "-c", "wg pubkey < \(file)"))
    }

    private static func network(_ subnet: String, port: UInt16, _ keys: Keys, peers: [JSONValue]) -> JSONValue {
        [
            "name": "net", "type": "network",
            "data": [
                "ip_range": "10.20.0.0/16", "subnet": .string(subnet), "wireguard_private_key": .string(keys.secret),
                "wireguard_listen_port": .number(JSONNumber(port)), "peers": .array(peers),
            ],
        ]
    }

    private static func peer(
        _ keys: Keys, _ subnet: String, _ allowed: [String], endpoint: String = ""
    ) -> JSONValue {
        [
            "subnet": .string(subnet), "wireguard_public_key": .string(keys.shared),
            "allowed_ips": .array(allowed.map { .string($0) }), "endpoint": .string(endpoint),
        ]
    }
}
