// docs/spec/ledger.md section 8: this ledger knows one price for all contracts, or none.
extension Extrinsic {
    /// One round of billing: contracts that were in grace for too long expire, the others pay if there are prices.
    mutating func bill() throws {
        let inGrace: [UInt64] = try state.value(.inGrace) ?? []
        for id in inGrace {
            // A rent contract that expired before may have taken this one with it.
            guard let contract: Contract = try state.value(.contract(id)),
                case .gracePeriod(let start) = contract.state,
                UInt64(state.block).subtractingClamped(start) >= UInt64(settings.graceBlocks)
            else { continue }
            try remove(contract)
        }
        guard settings.hourlyPrice > 0 else { return }
        let contracts = try state.keys(of: .contract).compactMap { key -> UInt64? in
            if case .contract(let id) = key { id } else { nil }
        }
        for id in contracts.sorted() { try billHour(id) }
    }

    private mutating func billHour(_ id: UInt64) throws {
        guard let contract: Contract = try state.value(.contract(id)) else { return }
        var billing: ContractBilling = try state.value(.billing(id)) ?? ContractBilling()
        billing.unbilled = billing.unbilled.addingClamped(settings.hourlyPrice)
        billing.lastUpdated = seconds
        try state.set(.billing(id), billing)
        // What is due must be less than what is there.
        guard let account = try owner(of: contract), try balance(of: account) > billing.unbilled else {
            return try startGrace(contract)
        }
        emit(.contractBilled(contract: id, timestamp: seconds, amount: try takeWhatIsDue(for: contract)))
        try endGrace(contract)
    }

    private func balance(of account: AccountID) throws -> UInt64 {
        try state.value(.account(account), as: LedgerAccount.self)?.free ?? 0
    }

    /// Takes what a contract owes, as far as there is something. Returns what was taken.
    func takeWhatIsDue(for contract: Contract) throws -> UInt64 {
        guard let owner = try owner(of: contract),
            var billing: ContractBilling = try state.value(.billing(contract.id)),
            billing.unbilled > 0, var account: LedgerAccount = try state.value(.account(owner))
        else { return 0 }
        let taken = min(account.free, billing.unbilled)
        account.free -= taken
        billing.unbilled = 0
        try state.set(.account(owner), account)
        try state.set(.billing(contract.id), billing)
        return taken
    }

    /// Undoes a fee.
    func giveBack(_ fee: UInt64, to id: AccountID) throws {
        guard fee > 0, var account: LedgerAccount = try state.value(.account(id)) else { return }
        account.free = account.free.addingClamped(fee)
        try state.set(.account(id), account)
    }
}
