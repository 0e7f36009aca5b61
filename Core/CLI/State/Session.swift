import Client
import Contracts
import Foundation
import JSON
import Node
import RMB
import Signatures

/// A user's way to one node and the ledger: that of a development node's folder, or of a network.
struct Session: Sendable {
    /// The node's twin and its id on the ledger.
    let nodeTwin: UInt32
    let nodeID: UInt32
    /// Who acts and signs.
    let identity: RMBIdentity
    let ledger: any Ledger
    let client: NodeClient

    /// How long one command may take: the node itself waits up to 20 s for a contract that is on its way.
    static let patience = Duration.seconds(60)

    /// The node that `zos up` started in a folder.
    /// - Parameter name: nil for the first user.
    init(
        _ location: StateLocation, user name: String?, patience: Duration = Session.patience
    ) throws(CommandError) {
        let node = try location.node()
        guard let user = node.users.first(where: { name == nil || $0.name == name }) else {
            throw CommandError(
                .invalid, "there is no user '\(name ?? "")'",
                hint: "choose one of " + node.users.map(\.name).joined(separator: ", "))
        }
        identity = RMBIdentity(
            twin: user.twin, key: try UserKey.read(user.secret, scheme: user.scheme, of: "user '\(user.name)'").key)
        let ledger = RemoteLedger(path: node.ledger)
        self.ledger = ledger
        guard let url = URL(string: node.rmb), let host = url.host, let port = url.port else {
            throw CommandError(.failed, "'\(node.rmb)' in \(location.file) is no address of a message bus")
        }
        let caller = ProxyCaller(
            identity: identity, addresses: FixedTwinAddresses([node.node: PeerAddress(host: host, port: port)]),
            keys: LedgerTwinKeys(ledger: ledger))
        client = NodeClient(caller: caller, twin: node.node, timeout: patience)
        nodeTwin = node.node
        nodeID = node.nodeID
    }

    /// A node of a network.
    init(_ node: NodeClient, nodeID: UInt32, grid: GridClient) {
        nodeTwin = node.twin
        self.nodeID = nodeID
        identity = grid.identity
        ledger = grid.ledger
        client = node
    }

    /// - Parameter report: told what happens on the way.
    func builder(report: @escaping @Sendable (DeploymentBuilder.Event) -> Void = { _ in }) -> DeploymentBuilder {
        DeploymentBuilder(node: client, nodeID: nodeID, ledger: ledger, identity: identity, report: report)
    }

    /// A contract by number, or by the name that its deployment was given.
    func contract(_ text: String) async throws(CommandError) -> UInt64 {
        if let number = UInt64(text) { return number }
        let found: [UInt64]
        do {
            found = try await client.deployments().filter { $0.displayName == text }.map(\.contract)
        } catch {
            throw CommandError(error)
        }
        guard let first = found.first else {
            throw CommandError(.notFound, "there is no deployment '\(text)'", hint: "see 'zos list'")
        }
        guard found.count == 1 else {
            throw CommandError(
                .invalid,
                "several deployments are called '\(text)': contracts \(found.map(String.init).joined(separator: ", "))",
                hint: "name one by its contract")
        }
        return first
    }
}

/// A key from a file that only its owner may read.
enum UserKey {
    /// - Parameter owner: whose key it is, for messages.
    static func read(
        _ path: String, scheme: String, of owner: String
    ) throws(CommandError) -> (key: KeyPair, seed: Seed) {
        do {
            guard let secret = try SecretFile.read(path), let scheme = KeyScheme(rawValue: scheme) else {
                throw CommandError(.failed, "the key of \(owner) is not in \(path)")
            }
            let seed = try SecretURI(secret).seed(scheme: scheme)
            return (KeyPair(seed: seed, scheme: scheme), seed)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(.failed, "the key of \(owner) cannot be used: \(error)")
        }
    }
}
