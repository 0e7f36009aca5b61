/// A call as an account signs it (docs/spec/ledger.md sections 4–7).
public enum LedgerCall: Sendable, Hashable, Codable {
    case createTwin(relay: String?, pk: HexBytes?)
    case updateTwin(relay: String?, pk: HexBytes?)
    case acceptTerms(document: String, hash: String)
    case createFarm(name: String, ips: [PublicIP])
    case addFarmIP(farm: UInt32, ip: String, gateway: String)
    case removeFarmIP(farm: UInt32, ip: String)
    case createNode(node: NodeRegistration)
    case updateNode(node: UInt32, registration: NodeRegistration)
    case addNodePublicConfig(farm: UInt32, node: UInt32, config: PublicConfig?)
    case changePowerState(isUp: Bool)
    case changePowerTarget(node: UInt32, target: NodePower.Target)
    /// Seconds both.
    case reportUptime(uptime: UInt64, hint: UInt64)
    case deleteNodeFarm(node: UInt32)
    case createNodeContract(
        node: UInt32, hash: ContractHash, data: HexBytes, publicIPs: UInt32, solutionProvider: UInt64?)
    case updateNodeContract(contract: UInt64, hash: ContractHash, data: HexBytes)
    case createNameContract(name: String)
    case createRentContract(node: UInt32, solutionProvider: UInt64?)
    case cancelContract(contract: UInt64)
    case reportContractResources(resources: [ContractResources])
    case addNRUReports(reports: [TrafficReport])

    private enum CodingKeys: String, CodingKey {
        case createTwin = "create_twin", updateTwin = "update_twin", acceptTerms = "user_accept_tc"
        case createFarm = "create_farm", addFarmIP = "add_farm_ip", removeFarmIP = "remove_farm_ip"
        case createNode = "create_node", updateNode = "update_node"
        case addNodePublicConfig = "add_node_public_config", changePowerState = "change_power_state"
        case changePowerTarget = "change_power_target", reportUptime = "report_uptime_v2"
        case deleteNodeFarm = "delete_node_farm", createNodeContract = "create_node_contract"
        case updateNodeContract = "update_node_contract", createNameContract = "create_name_contract"
        case createRentContract = "create_rent_contract", cancelContract = "cancel_contract"
        case reportContractResources = "report_contract_resources", addNRUReports = "add_nru_reports"
    }
}
