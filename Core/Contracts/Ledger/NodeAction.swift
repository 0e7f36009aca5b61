/// What a node does because of something that the ledger tells (docs/spec/tfchain.md section 11).
public enum NodeAction: Sendable, Hashable {
    /// Removes a deployment. Before it is carried out the contract is read again at the finalised head.
    case deprovision(twin: UInt32, contract: UInt64)
    case pause(twin: UInt32, contract: UInt64)
    case resume(twin: UInt32, contract: UInt64)
    /// Applies the node's public configuration, or takes it away.
    case publicConfig(PublicConfig?)
    /// A node of the farm, this one or a peer, shall go up or down.
    case powerTarget(node: UInt32, target: NodePower.Target)
    /// What is remembered of this twin is replaced.
    case refreshTwin(Twin)
}

extension NodeAction {
    /// What an event asks of `node` in `farm`; nil if nothing. Grace periods come with the ids of rent contracts too: there is no
    /// such deployment, and whoever acts ignores what it does not know.
    public init?(_ event: LedgerEvent, node: UInt32, farm: UInt32) {
        switch event {
        case .nodeContractCanceled(let contract, node, let twin): self = .deprovision(twin: twin, contract: contract)
        case .contractGracePeriodStarted(let contract, node, let twin, _):
            self = .pause(twin: twin, contract: contract)
        case .contractGracePeriodEnded(let contract, node, let twin): self = .resume(twin: twin, contract: contract)
        case .nodePublicConfigStored(node, let config): self = .publicConfig(config)
        case .powerTargetChanged(farm, let other, let target): self = .powerTarget(node: other, target: target)
        case .twinStored(let twin), .twinUpdated(let twin): self = .refreshTwin(twin)
        default: return nil
        }
    }
}
