import Contracts
import Substrate

extension LedgerEvent {
    /// The event as the chain would write it; nil for one that is known by its name alone.
    /// - Throws: `unsupportedRuntime` if the runtime has no such error.
    public func runtimeEvent(
        phase: RuntimeEvent.Phase, _ metadata: RuntimeMetadata
    ) throws(SubstrateError) -> RuntimeEvent? {
        guard let (pallet, name, fields) = try parts(metadata) else { return nil }
        return RuntimeEvent(phase: phase, pallet: pallet, name: name, fields: fields)
    }

    private func parts(
        _ metadata: RuntimeMetadata
    ) throws(SubstrateError) -> (pallet: String, name: String, fields: ScaleValue)? {
        func contracts(_ name: String, _ fields: ScaleValue) -> (String, String, ScaleValue) {
            ("SmartContractModule", name, fields)
        }
        func grid(_ name: String, _ fields: ScaleValue) -> (String, String, ScaleValue) {
            ("TfgridModule", name, fields)
        }
        switch self {
        case .contractCreated(let contract): return contracts("ContractCreated", contract.tree)
        case .contractUpdated(let contract): return contracts("ContractUpdated", contract.tree)
        case .nodeContractCanceled(let contract, let node, let twin):
            return contracts("NodeContractCanceled", Self.fields(contract, node, twin))
        case .nameContractCanceled(let contract):
            return contracts("NameContractCanceled", .record(["contract_id": .number(contract)]))
        case .rentContractCanceled(let contract):
            return contracts("RentContractCanceled", .record(["contract_id": .number(contract)]))
        case .contractGracePeriodStarted(let contract, let node, let twin, let block):
            return contracts("ContractGracePeriodStarted", Self.fields(contract, node, twin, block: block))
        case .contractGracePeriodEnded(let contract, let node, let twin):
            return contracts("ContractGracePeriodEnded", Self.fields(contract, node, twin))
        case .ipsFreed(let contract, let ips):
            return contracts("IPsFreed", .record(["contract_id": .number(contract), "public_ips": ScaleValue(ips)]))
        case .contractBilled(let contract, let timestamp, let amount):
            return contracts(
                "ContractBilled",
                .record([
                    "contract_id": .number(contract), "timestamp": .number(timestamp),
                    "discount_level": .variant("None"), "amount_billed": .number(amount),
                ]))
        case .updatedUsedResources(let resources): return contracts("UpdatedUsedResources", resources.tree)
        case .nruConsumptionReportReceived(let report): return contracts("NruConsumptionReportReceived", report.tree)
        case .twinStored(let twin): return grid("TwinStored", twin.tree)
        case .twinUpdated(let twin): return grid("TwinUpdated", twin.tree)
        case .farmStored(let farm): return grid("FarmStored", farm.tree)
        case .farmUpdated(let farm): return grid("FarmUpdated", farm.tree)
        case .nodeStored(let node): return grid("NodeStored", node.tree)
        case .nodeUpdated(let node): return grid("NodeUpdated", node.tree)
        case .nodeDeleted(let node): return grid("NodeDeleted", .number(node))
        case .nodePublicConfigStored(let node, let config):
            return grid("NodePublicConfigStored", .list([.number(node), ScaleValue(config)]))
        case .nodeUptimeReported(let node, let now, let uptime):
            return grid("NodeUptimeReported", .list([.number(node), .number(now), .number(uptime)]))
        case .powerTargetChanged(let farm, let node, let target):
            return grid(
                "PowerTargetChanged",
                .record(["farm_id": .number(farm), "node_id": .number(node), "power_target": target.tree]))
        case .powerStateChanged(let farm, let node, let state):
            return grid(
                "PowerStateChanged",
                .record(["farm_id": .number(farm), "node_id": .number(node), "power_state": state.tree]))
        case .extrinsicSuccess: return ("System", "ExtrinsicSuccess", .record(["dispatch_info": Self.dispatchInfo]))
        case .extrinsicFailed(let error):
            return (
                "System", "ExtrinsicFailed",
                .record([
                    "dispatch_error": try metadata.dispatchError(pallet: error.module.rawValue, error: error.name),
                    "dispatch_info": Self.dispatchInfo,
                ])
            )
        case .other: return nil
        }
    }

    private static func fields(_ contract: UInt64, _ node: UInt32, _ twin: UInt32, block: UInt64? = nil) -> ScaleValue {
        let common = [
            ScaleField("contract_id", .number(contract)), ScaleField("node_id", .number(node)),
            ScaleField("twin_id", .number(twin)),
        ]
        return .fields(common + (block.map { [ScaleField("block_number", .number($0))] } ?? []))
    }

    /// A ledger without weights says that every call is light and free.
    private static let dispatchInfo = ScaleValue.record([
        "weight": .record(["ref_time": .unsigned(0), "proof_size": .unsigned(0)]), "class": .variant("Normal"),
        "pays_fee": .variant("No"),
    ])
}
