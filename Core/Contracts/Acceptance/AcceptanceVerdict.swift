/// What one look at the ledger says about a deployment.
public enum AcceptanceVerdict: Sendable, Hashable {
    /// Install it; pause it afterwards if `isPaused`.
    case accept(AcceptedContract)
    case reject(AcceptanceFailure)
    /// As `reject`, but the ledger may still be about to show what the client saw: read again for a while.
    case rejectUnlessLate(AcceptanceFailure)
    /// Nothing was judged.
    case retry(AcceptanceFailure)
}

extension AcceptanceChecks {
    /// The table of docs/spec/tfchain.md section 10: the first failed check wins.
    ///
    /// - Parameters:
    ///   - contract: what reading contract `id` gave; nil for absent.
    ///   - rent: what reading the node's rent contract gave. Not looked at unless the contract is a node contract.
    public static func verdict(
        on id: UInt64, contract: Result<Contract?, LedgerUnavailable>, rent: Result<UInt64?, LedgerUnavailable>,
        node: UInt32, twin: UInt32, hash: ContractHash, for purpose: Purpose
    ) -> AcceptanceVerdict {
        let found: Contract
        switch contract {
        case .failure(let reason):
            return .retry(.init(.chainUnavailable, "failed to get deployment contract: \(reason.message)"))
        case .success(nil):
            return .rejectUnlessLate(
                .init(.contractNotFound, "failed to get deployment contract: contract \(id) not found"))
        case .success(let contract?): found = contract
        }
        guard let agreed = found.kind.node else {
            return .reject(.init(.notNodeContract, "invalid contract type, expecting node contract"))
        }
        let rentContract: UInt64?
        switch rent {
        case .failure(let reason):
            return .retry(.init(.chainUnavailable, "failed to check node rent state: \(reason.message)"))
        case .success(let contract): rentContract = contract
        }
        if purpose != .reinstall {
            guard agreed.node == node else {
                return .reject(.init(.wrongNode, "invalid node address in contract"))
            }
            guard agreed.hash == hash else {
                let failure = AcceptanceFailure(.hashMismatch, "contract hash does not match deployment hash")
                return purpose == .update(previous: agreed.hash) ? .rejectUnlessLate(failure) : .reject(failure)
            }
        }
        guard found.twin == twin else {
            return .reject(.init(.twinMismatch, "twin id mismatch (deployment: \(twin), contract: \(found.twin))"))
        }
        guard !found.state.isDeleted else { return .reject(.init(.contractDeleted, "contract \(id) is deleted")) }
        return .accept(AcceptedContract(contract: found, rentContract: rentContract))
    }
}
