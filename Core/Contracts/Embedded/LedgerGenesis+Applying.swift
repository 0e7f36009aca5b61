extension LedgerGenesis {
    /// Fills the state of block 0 through the code of the calls.
    func apply(to state: LedgerState, time: UInt64) throws {
        let settings = settings ?? LedgerSettings()
        for account in accounts ?? [] {
            try state.set(.account(account.account.id), LedgerAccount(free: account.balance ?? 0))
            guard account.acceptedTerms ?? true else { continue }
            try state.set(.terms(account.account.id), TermsAcceptance(timestamp: time / 1_000))
        }
        var extrinsic = Extrinsic(state: state, settings: settings, time: time)
        for twin in twins ?? [] { try extrinsic.createTwin(twin.account.id, twin.relay, twin.pk) }
        for farm in farms ?? [] {
            let owner = try account(ofTwin: farm.twin, state)
            try extrinsic.createFarm(owner, farm.name, farm.ips ?? [])
            if farm.isDedicated == true, let id: UInt32 = try state.value(.farmByName(farm.name)) {
                try extrinsic.apply(.setDedicated(farm: id, isDedicated: true))
            }
        }
        for node in nodes ?? [] {
            try extrinsic.createNode(try account(ofTwin: node.twin, state), node.registration)
        }
    }

    private func account(ofTwin id: UInt32, _ state: LedgerState) throws -> AccountID {
        guard let twin = try state.value(.twin(id), as: Contracts.Twin.self) else {
            throw LedgerError.grid("TwinNotExists")
        }
        return twin.account
    }
}
