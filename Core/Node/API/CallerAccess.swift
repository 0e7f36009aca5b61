import Contracts
import RMB

/// Who is the farmer, who an administrator (docs/spec/node-api.md section 1).
struct CallerAccess: Sendable {
    let ledger: any Ledger
    let farm: UInt32
    let administrators: [UInt32]

    /// The word for every refusal.
    static let refusal = "unauthorized"

    /// Lets only those enter the name spaces below, whatever they ask for there: a stranger learns nothing about what exists.
    func guardNames(of router: Router) {
        router.restrict("zos.admin") { try await requireFarmer($0) }
        router.restrict("zos.network.admin") { try await requireFarmer($0) }
        router.restrict("zos.debug") { try requireAdministrator($0) }
    }

    /// The farm's twin is read at each call: a farm that is sold obeys its new owner at once.
    func requireFarmer(_ caller: VerifiedTwin) async throws(CallError) {
        let farmer: UInt32?
        do throws(LedgerUnavailable) {
            farmer = try await ledger.farm(farm, at: .finalised)?.twin
        } catch {
            throw CallError("cannot find out who the farmer is, try again: \(error.message)")
        }
        guard farmer == caller.id else { throw CallError(Self.refusal) }
    }

    func requireAdministrator(_ caller: VerifiedTwin) throws(CallError) {
        guard administrators.contains(caller.id) else { throw CallError(Self.refusal) }
    }
}
