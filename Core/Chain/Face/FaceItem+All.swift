import Contracts
import Substrate

extension FaceItem {
    /// What docs/spec/tfchain.md section 4 lists, but for the two that are made of blocks: `System.Events` and `System.Number`.
    static let all: [FaceItem] = grid + contracts + frame

    private static let grid: [FaceItem] = [
        map("TfgridModule", "Twins", .twin) { (_, twin: Twin) in twin.tree },
        map("TfgridModule", "TwinIdByAccountID", .twinByAccount) { (_, id: UInt32) in .number(id) },
        map("TfgridModule", "Nodes", .node) { (_, node: Node) in node.tree },
        map("TfgridModule", "NodeIdByTwinID", .nodeByTwin) { (_, id: UInt32) in .number(id) },
        map("TfgridModule", "NodesByFarmID", .nodesOfFarm) { (_, ids: [UInt32]) in numbers(ids) },
        map("TfgridModule", "Farms", .farm) { (_, farm: Farm) in farm.tree },
        map("TfgridModule", "FarmIdByName", .farmByName) { (_, id: UInt32) in .number(id) },
        map("TfgridModule", "NodePower", .power) { (_, power: NodePower) in power.tree },
        map("TfgridModule", "UsersTermsAndConditions", .terms) { (key, terms: TermsAcceptance) in
            guard case .terms(let account) = key else { return .unit }
            // The chain keeps every document that an account accepted; this ledger the last.
            let accepted = ScaleValue.record([
                "account_id": account.tree, "timestamp": .number(terms.timestamp),
                "document_link": .utf8(terms.document), "document_hash": .utf8(terms.hash),
            ])
            return .list([accepted])
        },
        single("TfgridModule", "ZosVersion", .versionText) { (text: String) in .utf8(text) },
        single("TfgridModule", "TwinID", .lastTwin) { (id: UInt32) in .number(id) },
        single("TfgridModule", "FarmID", .lastFarm) { (id: UInt32) in .number(id) },
        single("TfgridModule", "NodeID", .lastNode) { (id: UInt32) in .number(id) },
    ]

    private static let contracts: [FaceItem] = [
        map("SmartContractModule", "Contracts", .contract) { (_, contract: Contract) in contract.tree },
        map("SmartContractModule", "ContractIDByNodeIDAndHash", .contractByHash) { (_, id: UInt64) in .number(id) },
        map("SmartContractModule", "ContractIDByNameRegistration", .contractByName) { (_, id: UInt64) in .number(id) },
        map("SmartContractModule", "ActiveNodeContracts", .active) { (_, ids: [UInt64]) in numbers(ids) },
        map("SmartContractModule", "ActiveRentContractForNode", .rent) { (_, id: UInt64) in .number(id) },
        map("SmartContractModule", "NodeContractResources", .resources) { (key, used: Resources) in
            guard case .resources(let contract) = key else { return .unit }
            return ContractResources(contract: contract, used: used).tree
        },
        map("SmartContractModule", "ContractBillingInformationByID", .billing) { (_, billing: ContractBilling) in
            .record([
                "previous_nu_reported": .number(billing.previousTraffic), "last_updated": .number(billing.lastUpdated),
                "amount_unbilled": .number(billing.unbilled),
            ])
        },
        map("SmartContractModule", "ContractLock", .lock) { (_, lock: ContractLock) in
            .record([
                "amount_locked": .number(lock.locked), "extra_amount_locked": .number(lock.extraLocked),
                "lock_updated": .number(lock.updated), "cycles": .number(lock.cycles),
            ])
        },
        map("SmartContractModule", "DedicatedNodesExtraFee", .extraFee) { (_, fee: UInt64) in .number(fee) },
        single("SmartContractModule", "ContractID", .lastContract) { (id: UInt64) in .number(id) },
    ]

    private static let frame: [FaceItem] = [
        map("System", "Account", .account) { (_, account: LedgerAccount) in account.tree },
        single("Timestamp", "Now", .now) { (milliseconds: UInt64) in .number(milliseconds) },
    ]

    private static func numbers(_ values: [some UnsignedInteger & FixedWidthInteger]) -> ScaleValue {
        .list(values.map { .number($0) })
    }
}
