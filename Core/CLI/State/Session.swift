import Client
import Contracts
import Foundation
import JSON
import Node
import RMB
import Signatures

/// A user's way to the node and its ledger, as the state folder describes it.
struct Session: Sendable {
    let node: DevelopmentNode
    let user: DevelopmentNode.User
    let key: KeyPair
    let ledger: RemoteLedger
    let client: NodeClient

    /// How long one command may take: the node itself waits up to 20 s for a contract that is on its way.
    static let patience = Duration.seconds(60)

    /// - Parameter name: nil for the first user.
    init(
        _ location: StateLocation, user name: String?, patience: Duration = Session.patience
    ) throws(CommandError) {
        node = try location.node()
        guard let user = node.users.first(where: { name == nil || $0.name == name }) else {
            throw CommandError(
                .invalid, "there is no user '\(name ?? "")'",
                hint: "choose one of " + node.users.map(\.name).joined(separator: ", "))
        }
        self.user = user
        key = try Self.key(of: user)
        ledger = RemoteLedger(path: node.ledger)
        guard let url = URL(string: node.rmb), let host = url.host, let port = url.port else {
            throw CommandError(.failed, "'\(node.rmb)' in \(location.file) is no address of a message bus")
        }
        let caller = ProxyCaller(
            identity: RMBIdentity(twin: user.twin, key: key),
            addresses: FixedTwinAddresses([node.node: PeerAddress(host: host, port: port)]),
            keys: LedgerTwinKeys(ledger: ledger))
        client = NodeClient(caller: caller, twin: node.node, timeout: patience)
    }

    /// - Parameter report: told what happens on the way.
    func builder(report: @escaping @Sendable (DeploymentBuilder.Event) -> Void = { _ in }) -> DeploymentBuilder {
        DeploymentBuilder(
            node: client, nodeID: node.nodeID, ledger: ledger, identity: RMBIdentity(twin: user.twin, key: key),
            report: report)
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

    private static func key(of user: DevelopmentNode.User) throws(CommandError) -> KeyPair {
        do {
            guard let secret = try SecretFile.read(user.secret), let scheme = KeyScheme(rawValue: user.scheme) else {
                throw CommandError(.failed, "the key of user '\(user.name)' is not in \(user.secret)")
            }
            return try KeyPair(secretURI: secret, scheme: scheme)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(.failed, "the key of user '\(user.name)' cannot be used: \(error)")
        }
    }
}
