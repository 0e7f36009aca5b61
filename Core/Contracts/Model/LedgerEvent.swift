/// What happened on the ledger, by the chain's names (docs/spec/tfchain.md section 7).
public enum LedgerEvent: Sendable, Hashable, Codable {
    case contractCreated(contract: Contract)
    case contractUpdated(contract: Contract)
    case nodeContractCanceled(contract: UInt64, node: UInt32, twin: UInt32)
    case nameContractCanceled(contract: UInt64)
    case rentContractCanceled(contract: UInt64)
    /// `node` is 0 for a name contract.
    case contractGracePeriodStarted(contract: UInt64, node: UInt32, twin: UInt32, block: UInt64)
    case contractGracePeriodEnded(contract: UInt64, node: UInt32, twin: UInt32)
    case ipsFreed(contract: UInt64, ips: [PublicIP])
    case contractBilled(contract: UInt64, timestamp: UInt64, amount: UInt64)
    case updatedUsedResources(resources: ContractResources)
    case nruConsumptionReportReceived(report: TrafficReport)
    case twinStored(twin: Twin)
    case twinUpdated(twin: Twin)
    case farmStored(farm: Farm)
    case farmUpdated(farm: Farm)
    case nodeStored(node: Node)
    case nodeUpdated(node: Node)
    case nodeDeleted(node: UInt32)
    case nodePublicConfigStored(node: UInt32, config: PublicConfig?)
    case nodeUptimeReported(node: UInt32, now: UInt64, uptime: UInt64)
    case powerTargetChanged(farm: UInt32, node: UInt32, target: NodePower.Target)
    case powerStateChanged(farm: UInt32, node: UInt32, state: NodePower.State)
    case extrinsicSuccess
    case extrinsicFailed(error: LedgerError)
    /// An event that this program has no use for.
    case other(name: String)
}

/// An event and the extrinsic (position in its block) that caused it.
public struct EventRecord: Sendable, Hashable, Codable {
    public let extrinsic: UInt32
    public let event: LedgerEvent

    public init(extrinsic: UInt32, event: LedgerEvent) {
        self.extrinsic = extrinsic
        self.event = event
    }
}
