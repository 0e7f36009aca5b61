import Contracts
import Deployments

extension DeploymentBuilder {
    func createContract(_ challenge: Challenge, publicIPs: UInt32) async throws(ClientError) -> UInt64 {
        let call = LedgerCall.createNodeContract(
            node: nodeID, hash: try Self.hash(challenge), data: HexBytes([]), publicIPs: publicIPs,
            solutionProvider: nil)
        guard let contract = try await submit(call).contract else {
            throw ClientError(.ledger, "the ledger applied the call and did not name the contract")
        }
        return contract.id
    }

    func updateContract(_ contract: UInt64, _ challenge: Challenge) async throws(ClientError) {
        _ = try await submit(
            .updateNodeContract(contract: contract, hash: try Self.hash(challenge), data: HexBytes([])))
    }

    func submit(_ call: LedgerCall) async throws(ClientError) -> CallReceipt {
        do throws(CallFailure) {
            return try await ledger.submit(call, by: identity.key)
        } catch {
            if case .unavailable = error { throw ClientError(.unavailable, "\(error)") }
            throw ClientError(.ledger, "\(error)")
        }
    }

    static func hash(_ challenge: Challenge) throws(ClientError) -> ContractHash {
        guard let hash = ContractHash(text: challenge.hex) else {
            throw ClientError(.invalid, "the hash \(challenge.hex) does not fit a contract")
        }
        return hash
    }

    /// How many addresses the contract reserves: what the description says, else what the node counts.
    func publicIPs(
        _ description: DeploymentDescription, _ deployment: Deployment
    ) async throws(ClientError) -> UInt32 {
        if let count = description.publicIPs { return count }
        let capacity = try await node.capacity(of: deployment)
        return capacity["ipv4u"]?.uint64Value.flatMap(UInt32.init(exactly:)) ?? 0
    }
}
