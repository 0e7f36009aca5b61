// docs/spec/ledger.md section 7. The cause shows nowhere: the contract is gone in the same block.
extension Extrinsic {
    mutating func cancelContract(_ account: AccountID, _ id: UInt64) throws {
        let contract = try contract(id)
        guard try owner(of: contract) == account else {
            throw LedgerError.contracts("TwinNotAuthorizedToCancelContract")
        }
        if case .rent(let node) = contract.kind {
            guard try activeContracts(node).isEmpty else { throw LedgerError.contracts("NodeHasActiveContracts") }
        }
        try remove(contract)
    }

    /// Bills a contract a last time and removes it with everything that belongs to it.
    mutating func remove(_ contract: Contract) throws {
        emit(.contractBilled(contract: contract.id, timestamp: seconds, amount: try takeWhatIsDue(for: contract)))
        switch contract.kind {
        case .node(let agreed):
            try free(agreed, of: contract.id)
            try state.remove(.contractByHash(agreed.node, agreed.hash))
            try state.remove(.resources(contract.id))
            try state.set(.active(agreed.node), try activeContracts(agreed.node).filter { $0 != contract.id })
            emit(.nodeContractCanceled(contract: contract.id, node: agreed.node, twin: contract.twin))
        case .name(let name):
            try state.remove(.contractByName(name))
            emit(.nameContractCanceled(contract: contract.id))
        case .rent(let node):
            for dependent in try activeContracts(node) { try remove(try self.contract(dependent)) }
            try state.remove(.rent(node))
            emit(.rentContractCanceled(contract: contract.id))
        case .other: break  // None is ever made here.
        }
        for key in [LedgerKey.contract(contract.id), .billing(contract.id), .lock(contract.id)] {
            try state.remove(key)
        }
        try forgetGrace(contract.id)
    }

    private mutating func free(_ agreed: NodeContract, of contract: UInt64) throws {
        guard agreed.publicIPCount > 0 else { return }
        let node = try node(agreed.node, .contracts)
        var farm = try farm(node.farm, .contracts)
        var freed: [PublicIP] = []
        for index in farm.publicIPs.indices where farm.publicIPs[index].contract == contract {
            farm.publicIPs[index].contract = 0
            freed.append(farm.publicIPs[index])
        }
        try state.set(.farm(farm.id), farm)
        emit(.ipsFreed(contract: contract, ips: freed))
    }
}
