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
    private let limit: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - node: the node's id on the ledger.
    ///   - patience: how long to re-read before an answer counts.
    ///   - limit: how long one question may take.
    public init(
        ledger: any Ledger, node: UInt32, patience: Duration = AcceptanceChecks.lateness,
        limit: Duration = AcceptanceChecks.lateness, clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.ledger = ledger
        self.node = node
        self.patience = patience
        self.limit = limit
        self.clock = clock
    }

    /// The contract, if a deployment of `twin` with `hash` may run under it. Asks again for as long as another answer may
    /// come, at most for the patience, time that the ledger takes to answer included.
    public func check(
        contract id: UInt64, twin: UInt32, hash: ContractHash, for purpose: Purpose
    ) async throws(AcceptanceFailure) -> AcceptedContract {
        var waited = Duration.zero
        while true {
            let failure: AcceptanceFailure
            let (verdict, asked) = await judge(contract: id, twin: twin, hash: hash, for: purpose)
            switch verdict {
            case .accept(let accepted): return accepted
            case .reject(let found): throw found
            case .rejectUnlessLate(let found), .retry(let found): failure = found
            }
            waited += asked
            guard waited < patience else { throw failure }
            do {
                try await clock.sleep(for: Self.pause)
            } catch {
                throw AcceptanceFailure(.chainUnavailable, "the check of contract \(id) was given up")
            }
            waited += Self.pause
        }
    }

    /// One look at the ledger, and how long it took.
    private func judge(
        contract id: UInt64, twin: UInt32, hash: ContractHash, for purpose: Purpose
    ) async -> (AcceptanceVerdict, Duration) {
        var contract = Result<Contract?, LedgerUnavailable>.success(nil)
        var rent = Result<UInt64?, LedgerUnavailable>.success(nil)
        let asked = await clock.measure {
            let (ledger, node) = (ledger, node)
            contract = await LedgerUnavailable.after(limit) { () throws(LedgerUnavailable) in
                try await ledger.contract(id, at: .best)
            }
            guard case .success(let found?) = contract, found.kind.node != nil else { return }
            rent = await LedgerUnavailable.after(limit) { () throws(LedgerUnavailable) in
                try await ledger.rentContract(ofNode: node, at: .best)
            }
        }
        let verdict = Self.verdict(
            on: id, contract: contract, rent: rent, node: node, twin: twin, hash: hash, for: purpose)
        return (verdict, asked)
    }
}
