import Contracts
import Substrate

extension LedgerCall {
    /// A call of the chain in the ledger's model; nil for one that the ledger does not have.
    /// - Throws: `unsupportedRuntime` if a known call lacks an argument.
    public init?(_ call: RuntimeCall) throws(SubstrateError) {
        let found: LedgerCall? =
            switch call.pallet {
            case "TfgridModule": try Self.grid(call)
            case "SmartContractModule": try Self.contracts(call)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    private static func grid(_ call: RuntimeCall) throws(SubstrateError) -> LedgerCall? {
        func argument(_ name: String) throws(SubstrateError) -> ScaleValue {
            try ScaleRecord(call.arguments, of: call.name)(name)
        }
        func pk() throws(SubstrateError) -> HexBytes? {
            try argument("pk").optional().map { (value) throws(SubstrateError) in HexBytes(try value.byteArray()) }
        }
        switch call.name {
        case "create_twin": return .createTwin(relay: try argument("relay").optionalText(), pk: try pk())
        case "update_twin": return .updateTwin(relay: try argument("relay").optionalText(), pk: try pk())
        case "user_accept_tc":
            return .acceptTerms(
                document: try argument("document_link").displayText(), hash: try argument("document_hash").displayText()
            )
        case "create_farm":
            let addresses = try argument("public_ips").mapped(PublicConfig.Address.self)
            return .createFarm(
                name: try argument("name").displayText(),
                ips: addresses.map { PublicIP(ip: $0.ip, gateway: $0.gateway) })
        case "add_farm_ip":
            return .addFarmIP(
                farm: try argument("farm_id").integer(), ip: try argument("ip").displayText(),
                gateway: try argument("gw").displayText())
        case "remove_farm_ip":
            return .removeFarmIP(farm: try argument("farm_id").integer(), ip: try argument("ip").displayText())
        case "create_node":
            return .createNode(node: try NodeRegistration(fields: try ScaleRecord(call.arguments, of: call.name)))
        case "update_node":
            return .updateNode(
                node: try argument("node_id").integer(),
                registration: try NodeRegistration(fields: try ScaleRecord(call.arguments, of: call.name)))
        case "add_node_public_config":
            return .addNodePublicConfig(
                farm: try argument("farm_id").integer(), node: try argument("node_id").integer(),
                config: try argument("public_config").mappedOptional())
        case "change_power_state":
            return .changePowerState(isUp: try argument("power_state").chosen().name == "Up")
        case "change_power_target":
            return .changePowerTarget(
                node: try argument("node_id").integer(), target: try NodePower.Target(try argument("power_target")))
        case "report_uptime_v2":
            return .reportUptime(
                uptime: try argument("uptime").integer(), hint: try argument("timestamp_hint").integer())
        case "delete_node_farm": return .deleteNodeFarm(node: try argument("node_id").integer())
        default: return nil
        }
    }

    private static func contracts(_ call: RuntimeCall) throws(SubstrateError) -> LedgerCall? {
        func argument(_ name: String) throws(SubstrateError) -> ScaleValue {
            try ScaleRecord(call.arguments, of: call.name)(name)
        }
        func provider() throws(SubstrateError) -> UInt64? {
            try argument("solution_provider_id").optional().map {
                (value) throws(SubstrateError) in try value.integer()
            }
        }
        switch call.name {
        case "create_node_contract":
            return .createNodeContract(
                node: try argument("node_id").integer(), hash: try ContractHash(try argument("deployment_hash")),
                data: HexBytes(try argument("deployment_data").byteArray()),
                publicIPs: try argument("public_ips").integer(), solutionProvider: try provider())
        case "update_node_contract":
            return .updateNodeContract(
                contract: try argument("contract_id").integer(),
                hash: try ContractHash(try argument("deployment_hash")),
                data: HexBytes(try argument("deployment_data").byteArray()))
        case "create_name_contract": return .createNameContract(name: try argument("name").displayText())
        case "create_rent_contract":
            return .createRentContract(node: try argument("node_id").integer(), solutionProvider: try provider())
        case "cancel_contract": return .cancelContract(contract: try argument("contract_id").integer())
        case "report_contract_resources":
            return .reportContractResources(resources: try argument("contract_resources").mapped())
        case "add_nru_reports": return .addNRUReports(reports: try argument("reports").mapped())
        default: return nil
        }
    }
}
