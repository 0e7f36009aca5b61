import Contracts
import Signatures

/// What the ledger says about a node's account, twin, farm and node, read at the best head.
struct KnownRegistration: Sendable, Hashable {
    /// In units of 10^-7 TFT.
    var balance: UInt64 = 0
    var hasAcceptedTerms = false
    var twin: Twin?
    /// The farm that the node wants to be in.
    var farm: Farm?
    var node: Node?
    var power = NodePower()

    init() {}

    init(of account: AccountID, farm: UInt32, on ledger: any Ledger) async throws(LedgerUnavailable) {
        balance = try await ledger.account(account, at: .best).free
        self.farm = try await ledger.farm(farm, at: .best)
        guard let id = try await ledger.twinID(of: account, at: .best) else {
            hasAcceptedTerms = try await ledger.hasAcceptedTerms(account, at: .best)
            return
        }
        twin = try await ledger.twin(id, at: .best)
        guard let id = try await ledger.nodeID(ofTwin: id, at: .best) else { return }
        node = try await ledger.node(id, at: .best)
        power = try await ledger.power(ofNode: id, at: .best)
    }

    /// Takes over what a call has changed: other endpoints may need a moment to show it.
    mutating func apply(_ call: LedgerCall, _ receipt: CallReceipt) {
        if case .acceptTerms = call { hasAcceptedTerms = true }
        if case .changePowerState(let isUp) = call, isUp { power.state = .up }
        if let twin = receipt.twin { self.twin = twin }
        if let farm = receipt.farm { self.farm = farm }
        for event in receipt.events {
            switch event {
            case .nodeStored(let node), .nodeUpdated(let node): self.node = node
            default: break
            }
        }
    }
}
