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

    /// Gives a contract another hash.
    /// - Returns: the hash that it had.
    func updateContract(_ contract: UInt64, to hash: ContractHash) async throws(ClientError) -> ContractHash {
        let found: Contract?
        do throws(LedgerUnavailable) { found = try await ledger.contract(contract, at: .best) } catch {
            throw ClientError(.unavailable, "the ledger gave no answer: \(error.message)", isRetryable: true)
        }
        guard let agreed = found?.kind.node else {
            throw ClientError(.ledger, "there is no node contract \(contract)")
        }
        _ = try await submit(.updateNodeContract(contract: contract, hash: hash, data: agreed.data))
        return agreed.hash
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
        let planned = try await node.plan(deployment)?["workloads"]?.arrayValue ?? []
        let sum = planned.reduce(UInt64(0)) { sum, workload in
            // No farm has more; a larger number must not overflow the sum.
            sum + min(workload["capacity"]?["ipv4u"]?.uint64Value ?? 0, UInt64(UInt16.max))
        }
        return UInt32(clamping: sum)
    }
}
