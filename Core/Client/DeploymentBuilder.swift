import Contracts
import Deployments
import JSON
import RMB
import Signatures
import Versioning

/// Brings descriptions to life on one node: validates, hashes by its own rules, makes the contract, signs, sends, follows.
public struct DeploymentBuilder: Sendable {
    /// What happens on the way.
    public enum Event: Sendable {
        case validated(hash: String)
        case contractCreated(UInt64)
        case contractUpdated(UInt64)
        /// The node has accepted the deployment.
        case accepted(contract: UInt64, version: UInt32)
        case changed(Workload)
        case contractCancelled(UInt64)
    }

    public let node: NodeClient
    /// The node's id on the ledger.
    public let nodeID: UInt32
    let ledger: any Ledger
    let identity: RMBIdentity
    private let report: @Sendable (Event) -> Void

    public init(
        node: NodeClient, nodeID: UInt32, ledger: any Ledger, identity: RMBIdentity,
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.node = node
        self.nodeID = nodeID
        self.ledger = ledger
        self.identity = identity
        self.report = report
    }

    /// Deploys and waits until every workload runs.
    /// - Parameter deadline: for the workloads, counted from acceptance; nil not to wait for them.
    /// - Returns: the deployment as it stands on the node.
    /// - Throws: what went wrong. If the node did not take the deployment, its contract was cancelled, or the hint says
    ///   how to do it. If a workload failed, the contract stays: what runs can be looked at, updated or cancelled.
    public func deploy(
        _ description: DeploymentDescription, deadline: Duration? = .seconds(300)
    ) async throws(ClientError) -> Deployment {
        var deployment = description.deployment(twin: identity.twin)
        try await validate(deployment)
        let challenge = try Self.challenge(deployment)
        report(.validated(hash: challenge.hex))
        let addresses = try await publicIPs(description, deployment)
        let contract = try await createContract(challenge, publicIPs: addresses)
        report(.contractCreated(contract))
        deployment.contract = contract
        deployment.signatureRequirement.sign(hash: challenge.hash, as: identity.twin, with: identity.key)
        do throws(ClientError) {
            try await node.deploy(deployment)
        } catch {
            throw await abandoned(contract, because: error)
        }
        report(.accepted(contract: contract, version: deployment.version))
        try await follow(
            deployment.workloads.map { WorkloadGoal($0.name, .running(version: $0.version)) }, contract: contract,
            after: 0, deadline: deadline)
        return try await node.deployment(contract: contract)
    }

    /// Brings a deployment to a new description and waits until its steps are done.
    /// - Returns: the deployment as it stands on the node.
    public func update(
        contract: UInt64, to description: DeploymentDescription, deadline: Duration? = .seconds(300)
    ) async throws(ClientError) -> Deployment {
        let old = try await node.deployment(contract: contract)
        var new = try description.nextVersion(of: old)
        try await validate(new)
        let plan: UpdatePlan
        do throws(DeploymentError) { plan = try UpdatePlan(from: old, to: new) } catch {
            throw ClientError(.invalid, error.message)
        }
        guard !plan.steps.isEmpty else { return old }
        let challenge = try Self.challenge(new)
        report(.validated(hash: challenge.hex))
        let start = try await node.changes(contract: contract).count
        let before = try await updateContract(contract, to: try Self.hash(challenge))
        report(.contractUpdated(contract))
        new.signatureRequirement.sign(hash: challenge.hash, as: identity.twin, with: identity.key)
        do throws(ClientError) {
            try await node.update(new)
        } catch {
            throw await notUpdated(contract, before, because: error)
        }
        report(.accepted(contract: contract, version: new.version))
        let goals = plan.steps.map { step in
            WorkloadGoal(step.workload.name, step.operation == .remove ? .removed : .running(version: new.version))
        }
        try await follow(goals, contract: contract, after: start, deadline: deadline)
        return try await node.deployment(contract: contract)
    }

    /// Cancels the contract; the node then removes everything. Returns when the ledger has it.
    public func cancel(contract: UInt64) async throws(ClientError) {
        _ = try await submit(.cancelContract(contract: contract))
        report(.contractCancelled(contract))
    }

    private func follow(
        _ goals: [WorkloadGoal], contract: UInt64, after start: Int, deadline: Duration?
    ) async throws(ClientError) {
        guard let deadline else { return }
        do throws(ClientError) {
            try await node.wait(for: goals, contract: contract, after: start, deadline: deadline) { change in
                report(.changed(change))
            }
        } catch {
            guard error.code == .failed else { throw error }
            throw ClientError(
                .failed, error.message,
                hint: "correct it with zos update, or remove everything with zos cancel \(contract)")
        }
    }

    /// Gives the contract its hash back after the node refused the new version.
    private func notUpdated(
        _ contract: UInt64, _ before: ContractHash, because error: ClientError
    ) async -> ClientError {
        let byHand = "contract \(contract) carries the new hash, the node runs the old version; update again"
        // Without an answer the node may well have accepted.
        guard error.code == .refused else {
            return ClientError(
                error.code, error.message,
                hint: "the node may have accepted it; look with zos get \(contract), or update again",
                isRetryable: error.isRetryable)
        }
        do throws(ClientError) {
            _ = try await updateContract(contract, to: before)
            return error
        } catch let second {
            return ClientError(error.code, error.message, hint: "\(byHand) (\(second.message))")
        }
    }

    /// Cancels a contract whose deployment the node does not have.
    private func abandoned(_ contract: UInt64, because error: ClientError) async -> ClientError {
        let byHand = "cancel contract \(contract) with zos cancel \(contract)"
        // Without an answer the node may well have accepted.
        guard error.code == .refused else {
            return ClientError(
                error.code, error.message,
                hint: "the node may have accepted it; look with zos get \(contract), or \(byHand)",
                isRetryable: false)
        }
        do throws(ClientError) {
            try await cancel(contract: contract)
            return ClientError(.refused, error.message, hint: "contract \(contract) was cancelled")
        } catch let second {
            return ClientError(.refused, error.message, hint: "\(byHand): that failed just now (\(second.message))")
        }
    }
}
