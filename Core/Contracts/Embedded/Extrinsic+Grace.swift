// docs/spec/ledger.md section 8.
extension Extrinsic {
    mutating func startGrace(_ id: UInt64) throws {
        try startGrace(try contract(id))
    }

    mutating func endGrace(_ id: UInt64) throws {
        try endGrace(try contract(id))
    }

    private mutating func startGrace(_ found: Contract) throws {
        guard found.state == .created else { return }
        var contract = found
        contract.state = .gracePeriod(block: UInt64(state.block))
        try state.set(.contract(contract.id), contract)
        try state.set(.inGrace, (try state.value(.inGrace) ?? []) + [contract.id])
        emit(
            .contractGracePeriodStarted(
                contract: contract.id, node: contract.graceNode, twin: contract.twin, block: UInt64(state.block)))
        if case .rent(let node) = contract.kind {
            for dependent in try activeContracts(node) { try startGrace(try self.contract(dependent)) }
        }
    }

    private mutating func endGrace(_ found: Contract) throws {
        guard found.state.isInGrace else { return }
        var contract = found
        contract.state = .created
        try state.set(.contract(contract.id), contract)
        try forgetGrace(contract.id)
        emit(.contractGracePeriodEnded(contract: contract.id, node: contract.graceNode, twin: contract.twin))
        if case .rent(let node) = contract.kind {
            for dependent in try activeContracts(node) { try endGrace(try self.contract(dependent)) }
        }
    }

    /// One round of billing: contracts that were in grace for too long expire.
    mutating func bill() throws {
        let inGrace: [UInt64] = try state.value(.inGrace) ?? []
        for id in inGrace {
            // A rent contract that expired before may have taken this one with it.
            guard let contract: Contract = try state.value(.contract(id)),
                case .gracePeriod(let start) = contract.state,
                UInt64(state.block) - min(start, UInt64(state.block)) >= UInt64(settings.graceBlocks)
            else { continue }
            try remove(contract)
        }
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
        case .name: 0
        }
    }
}
