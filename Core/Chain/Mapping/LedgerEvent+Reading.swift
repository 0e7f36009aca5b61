import Contracts
import Substrate

extension LedgerEvent {
    /// An event of the chain in the ledger's model. Those that the model has no case for keep their name.
    /// - Parameter metadata: names the error of a failed extrinsic.
    public init(_ event: RuntimeEvent, _ metadata: RuntimeMetadata) throws(SubstrateError) {
        self =
            switch event.pallet {
            case "SmartContractModule": try Self.contracts(event)
            case "TfgridModule": try Self.grid(event)
            case "System": try Self.system(event, metadata)
            default: .other(name: event.fullName)
            }
    }

    private static func contracts(_ event: RuntimeEvent) throws(SubstrateError) -> LedgerEvent {
        let fields = event.fields
        func field(_ name: String) throws(SubstrateError) -> ScaleValue {
            try ScaleRecord(fields, of: event.fullName)(name)
        }
        switch event.name {
        case "ContractCreated": return .contractCreated(contract: try Contract(fields))
        case "ContractUpdated": return .contractUpdated(contract: try Contract(fields))
        case "NodeContractCanceled":
            return .nodeContractCanceled(
                contract: try field("contract_id").integer(), node: try field("node_id").integer(),
                twin: try field("twin_id").integer())
        case "NameContractCanceled": return .nameContractCanceled(contract: try field("contract_id").integer())
        case "RentContractCanceled": return .rentContractCanceled(contract: try field("contract_id").integer())
        case "ContractGracePeriodStarted":
            return .contractGracePeriodStarted(
                contract: try field("contract_id").integer(), node: try field("node_id").integer(),
                twin: try field("twin_id").integer(), block: try field("block_number").integer())
        case "ContractGracePeriodEnded":
            return .contractGracePeriodEnded(
                contract: try field("contract_id").integer(), node: try field("node_id").integer(),
                twin: try field("twin_id").integer())
        case "IPsFreed":
            return .ipsFreed(contract: try field("contract_id").integer(), ips: try field("public_ips").mapped())
        case "ContractBilled":
            let amount: UInt128 = try field("amount_billed").integer()
            return .contractBilled(
                contract: try field("contract_id").integer(), timestamp: try field("timestamp").integer(),
                amount: UInt64(clamping: amount))
        case "UpdatedUsedResources": return .updatedUsedResources(resources: try ContractResources(fields))
        case "NruConsumptionReportReceived": return .nruConsumptionReportReceived(report: try TrafficReport(fields))
        default: return .other(name: event.fullName)
        }
    }

    private static func grid(_ event: RuntimeEvent) throws(SubstrateError) -> LedgerEvent {
        let fields = event.fields
        func field(_ name: String) throws(SubstrateError) -> ScaleValue {
            try ScaleRecord(fields, of: event.fullName)(name)
        }
        // Fields without names can only be told by their places.
        func place(_ index: Int) throws(SubstrateError) -> ScaleValue {
            let elements = try fields.elements()
            guard index < elements.count else {
                throw SubstrateError(.unsupportedRuntime, "unsupported runtime: \(event.fullName) has too few fields")
            }
            return elements[index]
        }
        switch event.name {
        case "TwinStored": return .twinStored(twin: try Twin(fields))
        case "TwinUpdated": return .twinUpdated(twin: try Twin(fields))
        case "FarmStored": return .farmStored(farm: try Farm(fields))
        case "FarmUpdated": return .farmUpdated(farm: try Farm(fields))
        case "NodeStored": return .nodeStored(node: try Node(fields))
        case "NodeUpdated": return .nodeUpdated(node: try Node(fields))
        case "NodeDeleted": return .nodeDeleted(node: try fields.integer())
        case "NodePublicConfigStored":
            return .nodePublicConfigStored(
                node: try place(0).integer(), config: try place(1).mappedOptional(PublicConfig.self))
        case "NodeUptimeReported":
            return .nodeUptimeReported(
                node: try place(0).integer(), now: try place(1).integer(), uptime: try place(2).integer())
        case "PowerTargetChanged":
            return .powerTargetChanged(
                farm: try field("farm_id").integer(), node: try field("node_id").integer(),
                target: try NodePower.Target(try field("power_target")))
        case "PowerStateChanged":
            return .powerStateChanged(
                farm: try field("farm_id").integer(), node: try field("node_id").integer(),
                state: try NodePower.State(try field("power_state")))
        default: return .other(name: event.fullName)
        }
    }

    private static func system(
        _ event: RuntimeEvent, _ metadata: RuntimeMetadata
    ) throws(SubstrateError) -> LedgerEvent {
        switch event.name {
        case "ExtrinsicSuccess": return .extrinsicSuccess
        case "ExtrinsicFailed":
            let error = try ScaleRecord(event.fields, of: event.fullName)("dispatch_error")
            return .extrinsicFailed(error: LedgerError(try metadata.dispatchFailure(error)))
        default: return .other(name: event.fullName)
        }
    }
}

extension LedgerError {
    /// A failure by the chain's names.
    public init(_ failure: DispatchFailure) {
        self.init(failure.pallet.map { Module(rawValue: $0) } ?? .runtime, failure.name)
    }
}
