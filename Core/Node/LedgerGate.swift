import Contracts
import JSON
import Provisioning

/// The ledger's word on a contract, in the engine's terms.
struct LedgerGate: AcceptanceGate {
    let checks: AcceptanceChecks

    func contract(_ contract: UInt64, twin: UInt32, hash: String, previous: String?) async throws -> AcceptedTerms {
        guard let wanted = ContractHash(text: hash) else {
            throw Refusal(.invalid, "the deployment's hash is not 32 hexadecimal digits")
        }
        let purpose: AcceptanceChecks.Purpose =
            previous.flatMap(ContractHash.init(text:)).map { .update(previous: $0) } ?? .deploy
        do {
            let accepted = try await checks.check(contract: contract, twin: twin, hash: wanted, for: purpose)
            return AcceptedTerms(
                reserved: accepted.publicIPs.map { ["ip": .string($0.ip), "gateway": .string($0.gateway)] },
                isPaused: accepted.isPaused)
        } catch {
            throw Refusal(error.isRetryable ? .unavailable : .contract, error.message)
        }
    }
}
