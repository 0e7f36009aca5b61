import CLI
import Client
import Contracts
import Deployments
import Foundation
import JSON
import Node
import RMB
import Signatures

/// A user of a running node, who can also send what no client would.
public struct NodeUser: Sendable {
    public let twin: UInt32
    public let key: KeyPair
    public let ledger: RemoteLedger
    public let client: NodeClient
    public let node: DevelopmentNode
    public let address: PeerAddress

    init(_ name: String, of node: DevelopmentNode, patience: Duration) throws {
        guard let user = node.users.first(where: { $0.name == name }), let url = URL(string: node.rmb),
            let host = url.host, let port = url.port, let secret = try SecretFile.read(user.secret)
        else { throw Programs.Failure("there is no user \(name)") }
        self.node = node
        twin = user.twin
        key = try KeyPair(secretURI: secret, scheme: .ed25519)
        ledger = RemoteLedger(path: node.ledger)
        address = PeerAddress(host: host, port: port)
        client = NodeClient(
            caller: ProxyCaller(
                identity: RMBIdentity(twin: twin, key: key), addresses: FixedTwinAddresses([node.node: address]),
                keys: LedgerTwinKeys(ledger: ledger)), twin: node.node, timeout: patience)
    }

    public var builder: DeploymentBuilder {
        DeploymentBuilder(
            node: client, nodeID: node.nodeID, ledger: ledger, identity: RMBIdentity(twin: twin, key: key))
    }

    /// A deployment of this user, unsigned and without contract: workloads as `{"name", "type", "data"}`.
    public func deployment(_ workloads: [JSONValue], version: UInt32 = 0) throws -> Deployment {
        let description = try DeploymentDescription(["workloads": .array(workloads)])
        return description.deployment(twin: twin, version: version)
    }

    /// Makes a contract for it and signs.
    public func contracted(_ deployment: Deployment, publicIPs: UInt32 = 0) async throws -> Deployment {
        var deployment = deployment
        deployment.contract = try await contract(hash: deployment.challenge().hex, publicIPs: publicIPs)
        try sign(&deployment)
        return deployment
    }

    public func sign(_ deployment: inout Deployment) throws {
        deployment.signatureRequirement.signatures = []
        deployment.signatureRequirement.sign(hash: try deployment.challenge().hash, as: twin, with: key)
    }

    /// A node contract that carries a hash.
    public func contract(hash: String, publicIPs: UInt32 = 0, node id: UInt32? = nil) async throws -> UInt64 {
        guard let hash = ContractHash(text: hash) else { throw Programs.Failure("\(hash) is no hash") }
        let call = LedgerCall.createNodeContract(
            node: id ?? node.nodeID, hash: hash, data: HexBytes([]), publicIPs: publicIPs, solutionProvider: nil)
        guard let contract = try await ledger.submit(call, by: key).contract else {
            throw Programs.Failure("the ledger made no contract")
        }
        return contract.id
    }

    /// Deploys and waits until all workloads are ok. Returns the contract.
    public func deployed(_ workloads: [JSONValue]) async throws -> UInt64 {
        let description = try DeploymentDescription(["workloads": .array(workloads)])
        return try await builder.deploy(description, deadline: .seconds(60)).contract
    }

    /// Gives a contract another hash.
    public func update(contract: UInt64, hash: String) async throws {
        guard let hash = ContractHash(text: hash) else { throw Programs.Failure("\(hash) is no hash") }
        _ = try await ledger.submit(.updateNodeContract(contract: contract, hash: hash, data: HexBytes([])), by: key)
    }
}
