import Contracts
import RMB
import Signatures

/// A user of a network: an identity, the ledger with everybody's contracts, and a way to every node.
///
/// ```swift
/// try await GridClient.run(key: key, on: ledger, ways: GridWays(relays: relays)) { grid in
///     let deployed = try await grid.deployments(onNode: 7).deploy(description)
/// }
/// ```
/// docs/client.md is a tour with an example. The client is a value that any number of tasks may share.
public struct GridClient: Sendable {
    /// Who acts and signs.
    public let identity: RMBIdentity
    public let ledger: any Ledger
    private let caller: any RMBCaller
    private let timeout: Duration

    /// - Parameter timeout: how long one command to a node may take.
    public init(
        identity: RMBIdentity, ledger: any Ledger, caller: any RMBCaller,
        timeout: Duration = NodeClient.defaultTimeout
    ) {
        self.identity = identity
        self.ledger = ledger
        self.caller = caller
        self.timeout = timeout
    }

    /// Runs `body` with a client for whoever has this key: the ledger knows its twin. What the ways to nodes keep open ends
    /// with `body`.
    /// - Throws: what `body` throws; `ClientError` `invalid` if the account has no twin, `unavailable` if the ledger does not answer.
    public static func run<Answer>(
        key: KeyPair, on ledger: any Ledger, ways: GridWays, timeout: Duration = NodeClient.defaultTimeout,
        _ body: (GridClient) async throws -> Answer
    ) async throws -> Answer {
        let identity = try await identity(of: key, on: ledger)
        return try await ways.run(as: identity, on: ledger) { caller in
            try await body(GridClient(identity: identity, ledger: ledger, caller: caller, timeout: timeout))
        }
    }

    /// The twin of a key.
    /// - Throws: `invalid` if the account has none, `unavailable` if the ledger does not answer.
    public static func identity(of key: KeyPair, on ledger: any Ledger) async throws(ClientError) -> RMBIdentity {
        let account = AccountID(key.publicKey)
        let found = try await asking { () throws(LedgerUnavailable) in
            try await ledger.twinID(of: account, at: .best)
        }
        guard let found else {
            throw ClientError(
                .invalid, "the account \(account) has no twin on this network",
                hint: "create a twin for it first, or use the key of another network")
        }
        return RMBIdentity(twin: found, key: key)
    }

    /// The node with this twin.
    public func node(twin: UInt32) -> NodeClient { NodeClient(caller: caller, twin: twin, timeout: timeout) }

    /// The node that the ledger knows by this id.
    /// - Throws: `invalid` if there is none, `unavailable` if the ledger does not answer.
    public func node(id: UInt32) async throws(ClientError) -> NodeClient {
        let ledger = ledger
        let found = try await Self.asking { () throws(LedgerUnavailable) in try await ledger.node(id, at: .best) }
        guard let found else { throw ClientError(.invalid, "there is no node \(id) on this network") }
        return node(twin: found.twin)
    }

    /// Deploying, updating and cancelling on one node, named by its id on the ledger.
    /// - Parameter report: told what happens on the way.
    public func deployments(
        onNode id: UInt32, report: @escaping @Sendable (DeploymentBuilder.Event) -> Void = { _ in }
    ) async throws(ClientError) -> DeploymentBuilder {
        DeploymentBuilder(
            node: try await node(id: id), nodeID: id, ledger: ledger, identity: identity, report: report)
    }

    /// The same for a node that is known by its twin.
    public func deployments(
        onTwin twin: UInt32, report: @escaping @Sendable (DeploymentBuilder.Event) -> Void = { _ in }
    ) async throws(ClientError) -> DeploymentBuilder {
        let ledger = ledger
        let found = try await Self.asking { () throws(LedgerUnavailable) in
            try await ledger.nodeID(ofTwin: twin, at: .best)
        }
        guard let found else { throw ClientError(.invalid, "twin \(twin) is no node on this network") }
        return DeploymentBuilder(
            node: node(twin: twin), nodeID: found, ledger: ledger, identity: identity, report: report)
    }

    private static func asking<Answer: Sendable>(
        _ body: @Sendable () async throws(LedgerUnavailable) -> Answer
    ) async throws(ClientError) -> Answer {
        do throws(LedgerUnavailable) { return try await body() } catch {
            throw ClientError(.unavailable, "the ledger gave no answer: \(error.message)", isRetryable: true)
        }
    }
}
