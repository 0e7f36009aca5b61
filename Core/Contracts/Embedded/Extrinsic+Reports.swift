// docs/spec/ledger.md section 6, last paragraph.
extension Extrinsic {
    mutating func reportResources(_ account: AccountID, _ reports: [ContractResources]) throws {
        let node = try node(of: account, .contracts)
        for report in reports {
            guard try isReportable(report.contract, by: node) else { continue }
            try state.set(.resources(report.contract), report.used)
            emit(.updatedUsedResources(resources: report))
        }
    }

    mutating func reportTraffic(_ account: AccountID, _ reports: [TrafficReport]) throws {
        let node = try node(of: account, .contracts)
        _ = try farm(node.farm, .contracts)
        for report in reports where try isReportable(report.contract, by: node) {
            var billing: ContractBilling = try state.value(.billing(report.contract)) ?? ContractBilling()
            billing.previousTraffic = billing.previousTraffic.addingClamped(report.nru)
            try state.set(.billing(report.contract), billing)
            emit(.nruConsumptionReportReceived(report: report))
        }
    }

    /// False for a contract that does not exist, which is skipped.
    private func isReportable(_ id: UInt64, by node: Node) throws -> Bool {
        guard let contract: Contract = try state.value(.contract(id)) else { return false }
        guard let agreed = contract.kind.node else { throw LedgerError.contracts("InvalidContractType") }
        guard agreed.node == node.id else { throw LedgerError.contracts("NodeNotAuthorizedToComputeReport") }
        return true
    }
}
