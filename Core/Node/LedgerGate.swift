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
        return try await terms(contract, twin, wanted, purpose)
    }

    func reinstallation(_ contract: UInt64, twin: UInt32) async throws -> AcceptedTerms {
        // Not compared for this purpose.
        guard let none = ContractHash(bytes: [UInt8](repeating: 0, count: ContractHash.length)) else {
            throw Refusal(.invalid, "a contract's hash has \(ContractHash.length) bytes")
        }
        return try await terms(contract, twin, none, .reinstall)
    }

    private func terms(
        _ contract: UInt64, _ twin: UInt32, _ hash: ContractHash, _ purpose: AcceptanceChecks.Purpose
    ) async throws(Refusal) -> AcceptedTerms {
        do {
            let accepted = try await checks.check(contract: contract, twin: twin, hash: hash, for: purpose)
            return AcceptedTerms(
                reserved: accepted.publicIPs.map { ["ip": .string($0.ip), "gateway": .string($0.gateway)] },
                isPaused: accepted.isPaused, rentContract: accepted.rentContract)
        } catch {
            throw Refusal(error.isRetryable ? .unavailable : .contract, error.message)
        }
    }
}
