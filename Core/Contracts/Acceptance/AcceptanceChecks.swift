/// Compares a deployment with its contract at the best head (docs/spec/tfchain.md section 10).
public struct AcceptanceChecks: Sendable {
    /// What the check is for.
    public enum Purpose: Sendable, Hashable {
        case deploy
        /// While the ledger still shows `previous`, the update of the contract may be on its way.
        case update(previous: ContractHash)
        /// After a boot: node and hash were checked when the deployment was accepted.
        case reinstall
    }

    /// How long a contract that is absent, or still has the old hash, is waited for: clients deploy two to three
    /// blocks before their contract is final.
    public static let lateness = Duration.seconds(20)
    private static let pause = Duration.milliseconds(500)

    private let ledger: any Ledger
    private let node: UInt32
    private let patience: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - node: the node's id on the ledger.
    ///   - patience: how long to re-read before an answer counts.
    public init(
        ledger: any Ledger, node: UInt32, patience: Duration = AcceptanceChecks.lateness,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.ledger = ledger
        self.node = node
        self.patience = patience
        self.clock = clock
    }

    /// The contract, if a deployment of `twin` with `hash` may run under it. First failure in the order of the table wins.
    public func check(
        contract id: UInt64, twin: UInt32, hash: ContractHash, for purpose: Purpose
    ) async throws(AcceptanceFailure) -> AcceptedContract {
        var waited = Duration.zero
        while true {
            let failure: AcceptanceFailure
            switch await judge(contract: id, twin: twin, hash: hash, for: purpose) {
            case .accepted(let accepted): return accepted
            case .refused(let found): throw found
            case .mayChange(let found): failure = found
            }
            guard waited < patience else { throw failure }
            do {
                try await clock.sleep(for: Self.pause)
            } catch {
                throw AcceptanceFailure(.chainUnavailable, "the check of contract \(id) was given up")
            }
            waited += Self.pause
        }
    }

    private enum Verdict {
        case accepted(AcceptedContract)
        case refused(AcceptanceFailure)
        /// Reading again can give another answer.
        case mayChange(AcceptanceFailure)
    }

    private func judge(contract id: UInt64, twin: UInt32, hash: ContractHash, for purpose: Purpose) async -> Verdict {
        let contract: Contract
        let rent: UInt64?
        do {
            guard let found = try await ledger.contract(id, at: .best) else {
                return .mayChange(
                    .init(.contractNotFound, "failed to get deployment contract: contract \(id) not found"))
            }
            contract = found
        } catch {
            return .mayChange(.init(.chainUnavailable, "failed to get deployment contract: \(error.message)"))
        }
        guard let agreed = contract.kind.node else {
            return .refused(.init(.notNodeContract, "invalid contract type, expecting node contract"))
        }
        do {
            rent = try await ledger.rentContract(ofNode: node, at: .best)
        } catch {
            return .mayChange(.init(.chainUnavailable, "failed to check node rent state: \(error.message)"))
        }
        if purpose != .reinstall {
            guard agreed.node == node else {
                return .refused(.init(.wrongNode, "invalid node address in contract"))
            }
            guard agreed.hash == hash else {
                let failure = AcceptanceFailure(.hashMismatch, "contract hash does not match deployment hash")
                return purpose == .update(previous: agreed.hash) ? .mayChange(failure) : .refused(failure)
            }
        }
        guard contract.twin == twin else {
            return .refused(.init(.twinMismatch, "twin id mismatch (deployment: \(twin), contract: \(contract.twin))"))
        }
        guard !contract.state.isDeleted else {
            return .refused(.init(.contractDeleted, "contract \(id) is deleted"))
        }
        return .accepted(AcceptedContract(contract: contract, rentContract: rent))
    }
}
