import Client
import Contracts
import Foundation
import Node
import RMB
import Signatures

/// Finds the way to a node of a network: the user's twin and the node's id by the ledger; the node itself by a given address, by
/// its address in the Yggdrasil network, or by its relays.
struct GridSession {
    private let preset: NetworkPreset
    private let node: UInt32
    private let key: KeyPair
    private let ledger: String?
    private let ways: GridWays

    /// Nil if no network is named.
    init?(
        _ options: GridOptions, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandError) {
        guard let name = options.network ?? environment["ZOS_NETWORK"], !name.isEmpty else { return nil }
        guard let preset = NetworkPreset(rawValue: name) else {
            throw CommandError(
                .invalid, "there is no network '\(name)'",
                hint: "choose one of " + NetworkPreset.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let node = options.nodeTwin else {
            throw CommandError(.invalid, "which node of '\(name)'?", hint: "name it by its twin: --node-twin 12")
        }
        guard let path = options.key ?? environment["ZOS_KEY"], !path.isEmpty else {
            throw CommandError(.invalid, "who are you?", hint: "name the file of your account's phrase with --key")
        }
        self.preset = preset
        self.node = node
        let user = try UserKey.read(path, scheme: options.scheme, of: "the user")
        key = user.key
        ledger = options.ledger
        let peers = try Self.peers(options.peer)
        do throws(RMBError) {
            let relays = options.relay.isEmpty ? preset.relays : options.relay
            ways = GridWays(
                peers: peers,
                relays: try relays.map { text throws(RMBError) in try RelayEndpoint(text) },
                encryption: try EndToEndKey(seed: user.seed))
        } catch { throw CommandError(.invalid, error.message) }
    }

    /// Runs `body` with the way to the node; what keeps it open ends with `body`.
    func run(_ body: (Session) async throws -> Void) async throws {
        try await GridLedger(preset, at: ledger).run { ledger in
            try await GridClient.run(key: key, on: ledger, ways: ways, timeout: Session.patience) { grid in
                let node = try await grid.deployments(onTwin: node)
                try await body(Session(node.node, nodeID: node.nodeID, grid: grid))
            }
        }
    }

    static func peers(_ texts: [String]) throws(CommandError) -> [UInt32: PeerAddress] {
        var peers: [UInt32: PeerAddress] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let twin = UInt32(parts[0]), let colon = parts[1].lastIndex(of: ":"),
                let port = UInt16(parts[1][parts[1].index(after: colon)...])
            else { throw CommandError(.invalid, "'\(text)' is no peer", hint: "write --peer 12=10.0.0.1:8051") }
            let host = parts[1][..<colon].filter { $0 != "[" && $0 != "]" }
            peers[twin] = PeerAddress(host: host, port: Int(port))
        }
        return peers
    }
}
