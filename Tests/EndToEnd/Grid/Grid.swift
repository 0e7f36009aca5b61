import CLI
import Contracts
import Foundation
import JSON
import Node
import RMB
import Signatures
import TestNode

@testable import Overlay

/// Two nodes on one ledger and a user with two computers, each in a namespace of its own on one exchange.
///
///     10.77.0.1  first    10.77.0.2  second    10.77.0.3, 10.77.0.5  user    10.77.0.4  relays
struct Grid: Sendable {
    let exchange: Exchange
    let first: RunningNode
    let second: RunningNode
    /// Namespaces. The user's second computer has no place on the overlay.
    let userSpace: String
    let otherSpace: String
    let relaySpace: String

    static func with(_ body: @Sendable (Grid) async throws -> Void) async throws {
        try await Exchange.with { exchange in
            let user = try await exchange.space("user", 3)
            let relays = try await exchange.space("relays", 4)
            let other = try await exchange.space("other", 5)
            let plugins = try PluginFolder(["network", "zmount", "echo"])
            let open = try exchange.write(
                """
                [yggdrasil]
                enabled = true
                listen = ["tcp://[::]:9943"]
                """, to: "first.toml")
            try await RunningNode.with(plugins: plugins, options: ["--extra", open]) { first in
                try await exchange.plug(first.description().namespaces + "/host", 1)
                let hidden = try exchange.write(
                    """
                    relays = ["r1.test=ws://10.77.0.4:8081", "r2.test=ws://10.77.0.4:8082"]
                    """, to: "second.toml")
                try await RunningNode.with(
                    plugins: plugins, options: ["--join", first.folder, "--extra", hidden, "--unsafe-faults"]
                ) { second in
                    try await exchange.plug(second.description().namespaces + "/host", 2)
                    try await body(
                        Grid(
                            exchange: exchange, first: first, second: second, userSpace: user, otherSpace: other,
                            relaySpace: relays))
                }
            }
        }
    }

    /// The key of an account of the grid.
    func key(_ name: String) throws -> (key: KeyPair, file: String) {
        guard let user = try first.description().users.first(where: { $0.name == name }),
            let secret = try SecretFile.read(user.secret)
        else { throw Programs.Failure("there is no user \(name)") }
        return (try KeyPair(secretURI: secret, scheme: .ed25519), user.secret)
    }

    /// Puts the user's relays and encryption key on the ledger, as users of relays do once.
    func publishUser() async throws {
        let user = try first.user()
        guard let secret = try SecretFile.read(key("user").file) else { throw Programs.Failure("the key is gone") }
        let encryption = try EndToEndKey(seed: SecretURI(secret).seed(scheme: .ed25519))
        _ = try await user.ledger.submit(
            .updateTwin(relay: "r1.test_r2.test", pk: HexBytes(encryption.publicKey)), by: user.key)
    }

    /// Gives the user's computer a place on the overlay, beside the first node.
    func connectUser() async throws {
        var settings = OverlaySettings()
        settings.peers = ["tcp://10.77.0.1:9943"]
        let file = try exchange.write(
            settings.configuration(key: key("user").key, admin: nil), to: "yggdrasil.json")
        _ = try exchange.start(userSpace, [settings.program, "-useconffile", file], log: "yggdrasil")
    }

    /// A way of the user's to a node.
    enum Way: Sendable {
        /// At its address on the overlay, which follows from its key.
        case direct
        /// Over these relays.
        case relays([String])
    }

    /// Runs `zos` as the user, on the computer that has the way. With an answer in JSON.
    func zos(_ command: [String], to node: RunningNode, by way: Way) async throws -> JSONValue {
        let outcome = try await exchange.run(space(way), try self.line(command, to: node, by: way))
        // The answer is one line; what is logged on the way may stand before it.
        let line = outcome.output.split(separator: "\n").last { $0.hasPrefix("{") }
        guard let answer = line.flatMap({ try? JSONValue(parsing: String($0)) })
        else { throw Programs.Failure("zos \(command.joined(separator: " ")): \(outcome.output)") }
        guard outcome.status == 0 else {
            throw Programs.Failure("zos \(command.joined(separator: " ")): \(answer.text)")
        }
        return answer
    }

    /// Waits until the way is open: the overlay finds its routes, and nodes their relays, in their own time.
    func reach(_ node: RunningNode, by way: Way) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                _ = try await zos(["node", "version"], to: node, by: way)
                return
            } catch {
                guard ContinuousClock.now < end else { throw error }
            }
        }
    }

    func deploy(_ file: String, to node: RunningNode, by way: Way) async throws -> JSONValue {
        try await zos(["deploy", "-f", file, "--timeout", "60"], to: node, by: way)
    }

    private func space(_ way: Way) -> String {
        guard case .relays = way else { return userSpace }
        return otherSpace
    }

    private func line(_ command: [String], to node: RunningNode, by way: Way) throws -> [String] {
        let description = try node.description()
        var line =
            ["\(Programs.built)/zos"] + command + [
                "--json", "--network", "embedded", "--ledger", description.ledger, "--node-twin",
                "\(description.node)", "--key", try key("user").file, "--scheme", "ed25519",
            ]
        if case .relays(let relays) = way { line += relays.flatMap { ["--relay", $0] } }
        return line
    }
}
