import Contracts
import Substrate

extension LedgerCall {
    /// The call by the chain's names.
    public var runtimeCall: RuntimeCall {
        func grid(_ name: String, _ arguments: KeyValuePairs<String, ScaleValue>) -> RuntimeCall {
            RuntimeCall("TfgridModule", name, arguments)
        }
        func contracts(_ name: String, _ arguments: KeyValuePairs<String, ScaleValue>) -> RuntimeCall {
            RuntimeCall("SmartContractModule", name, arguments)
        }
        func provider(_ id: UInt64?) -> ScaleValue { .option(id.map { .number($0) }) }
        switch self {
        case .createTwin(let relay, let pk):
            return grid("create_twin", ["relay": ScaleValue(relay), "pk": .option(pk.map { .bytes($0.bytes) })])
        case .updateTwin(let relay, let pk):
            return grid("update_twin", ["relay": ScaleValue(relay), "pk": .option(pk.map { .bytes($0.bytes) })])
        case .acceptTerms(let document, let hash):
            return grid("user_accept_tc", ["document_link": .utf8(document), "document_hash": .utf8(hash)])
        case .createFarm(let name, let ips):
            let addresses = ips.map { ScaleValue.record(["ip": .utf8($0.ip), "gw": .utf8($0.gateway)]) }
            return grid("create_farm", ["name": .utf8(name), "public_ips": .list(addresses)])
        case .addFarmIP(let farm, let ip, let gateway):
            return grid("add_farm_ip", ["farm_id": .number(farm), "ip": .utf8(ip), "gw": .utf8(gateway)])
        case .removeFarmIP(let farm, let ip):
            return grid("remove_farm_ip", ["farm_id": .number(farm), "ip": .utf8(ip)])
        case .createNode(let node):
            return RuntimeCall(pallet: "TfgridModule", name: "create_node", arguments: .fields(node.arguments))
        case .updateNode(let node, let registration):
            return RuntimeCall(
                pallet: "TfgridModule", name: "update_node",
                arguments: .fields([ScaleField("node_id", .number(node))] + registration.arguments))
        case .addNodePublicConfig(let farm, let node, let config):
            return grid(
                "add_node_public_config",
                ["farm_id": .number(farm), "node_id": .number(node), "public_config": ScaleValue(config)])
        case .changePowerState(let isUp):
            return grid("change_power_state", ["power_state": .variant(isUp ? "Up" : "Down")])
        case .changePowerTarget(let node, let target):
            return grid("change_power_target", ["node_id": .number(node), "power_target": target.tree])
        case .reportUptime(let uptime, let hint):
            return grid("report_uptime_v2", ["uptime": .number(uptime), "timestamp_hint": .number(hint)])
        case .deleteNodeFarm(let node): return grid("delete_node_farm", ["node_id": .number(node)])
        case .createNodeContract(let node, let hash, let data, let publicIPs, let solutionProvider):
            return contracts(
                "create_node_contract",
                [
                    "node_id": .number(node), "deployment_hash": hash.tree, "deployment_data": .bytes(data.bytes),
                    "public_ips": .number(publicIPs), "solution_provider_id": provider(solutionProvider),
                ])
        case .updateNodeContract(let contract, let hash, let data):
            return contracts(
                "update_node_contract",
                [
                    "contract_id": .number(contract), "deployment_hash": hash.tree,
                    "deployment_data": .bytes(data.bytes),
                ])
        case .createNameContract(let name): return contracts("create_name_contract", ["name": .utf8(name)])
        case .createRentContract(let node, let solutionProvider):
            return contracts(
                "create_rent_contract",
                ["node_id": .number(node), "solution_provider_id": provider(solutionProvider)])
        case .cancelContract(let contract): return contracts("cancel_contract", ["contract_id": .number(contract)])
        case .reportContractResources(let resources):
            return contracts("report_contract_resources", ["contract_resources": ScaleValue(resources)])
        case .addNRUReports(let reports): return contracts("add_nru_reports", ["reports": ScaleValue(reports)])
        }
    }
}
