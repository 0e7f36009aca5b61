// docs/spec/ledger.md section 8.
extension Extrinsic {
    mutating func startGrace(_ id: UInt64) throws {
        try startGrace(try contract(id))
    }

    mutating func endGrace(_ id: UInt64) throws {
        try endGrace(try contract(id))
    }

    mutating func startGrace(_ contract: Contract) throws {
        guard contract.state == .created else { return }
        try enterGrace(contract)
        // Whoever owns them, and whatever their state was: they all get this block.
        for dependent in try dependents(of: contract) { try enterGrace(dependent) }
    }

    private mutating func enterGrace(_ found: Contract) throws {
        var contract = found
        contract.state = .gracePeriod(block: UInt64(state.block))
        try state.set(.contract(contract.id), contract)
        let inGrace: [UInt64] = try state.value(.inGrace) ?? []
        if !inGrace.contains(contract.id) { try state.set(.inGrace, inGrace + [contract.id]) }
        emit(
            .contractGracePeriodStarted(
                contract: contract.id, node: contract.graceNode, twin: contract.twin, block: UInt64(state.block)))
    }

    mutating func endGrace(_ contract: Contract) throws {
        guard contract.state.isInGrace else { return }
        try leaveGrace(contract)
        for dependent in try dependents(of: contract) { try leaveGrace(dependent) }
    }

    private mutating func leaveGrace(_ found: Contract) throws {
        var contract = found
        contract.state = .created
        try state.set(.contract(contract.id), contract)
        try forgetGrace(contract.id)
        emit(.contractGracePeriodEnded(contract: contract.id, node: contract.graceNode, twin: contract.twin))
    }

    /// The node contracts that share the fate of a rent contract.
    private func dependents(of contract: Contract) throws -> [Contract] {
        guard case .rent(let node) = contract.kind else { return [] }
        return try activeContracts(node).map { try self.contract($0) }
    }

    func forgetGrace(_ id: UInt64) throws {
        let inGrace: [UInt64] = try state.value(.inGrace) ?? []
        guard inGrace.contains(id) else { return }
        try state.set(.inGrace, inGrace.filter { $0 != id })
    }
}

extension Contract {
    /// The node in events about grace: 0 for a name contract.
    fileprivate var graceNode: UInt32 {
        switch kind {
        case .node(let agreed): agreed.node
        case .rent(let node): node
        case .name, .other: 0
        }
    }
}
