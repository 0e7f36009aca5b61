// docs/spec/ledger.md section 6.
extension Extrinsic {
    mutating func createNodeContract(
        _ account: AccountID, _ nodeID: UInt32, _ hash: ContractHash, _ data: HexBytes, _ ips: UInt32,
        _ provider: UInt64?
    ) throws {
        let twin = try twin(of: account, .contracts)
        let node = try node(nodeID, .contracts)
        let power: NodePower = try state.value(.power(nodeID)) ?? NodePower()
        guard power.isUp else { throw LedgerError.contracts("NodeNotAvailableToDeploy") }
        var farm = try farm(node.farm, .contracts)
        try checkRented(nodeID, by: twin, farm)
        if let other: UInt64 = try state.value(.contractByHash(nodeID, hash)),
            let contract: Contract = try state.value(.contract(other)), !contract.state.isDeleted
        {
            throw LedgerError.contracts("ContractIsNotUnique")
        }
        let id = try state.next(.lastContract)
        let reserved = try reserve(ips, for: id, in: &farm)
        try checkProvider(provider)
        let agreed = NodeContract(node: nodeID, hash: hash, data: data, publicIPCount: ips, publicIPs: reserved)
        let contract = Contract(id: id, twin: twin, kind: .node(agreed), solutionProvider: provider)
        try state.set(.contractByHash(nodeID, hash), id)
        try state.set(.active(nodeID), try activeContracts(nodeID) + [id])
        try state.set(.resources(id), Resources())
        try begin(contract)
    }

    private func checkRented(_ node: UInt32, by twin: UInt32, _ farm: Farm) throws {
        if let rent: UInt64 = try state.value(.rent(node)) {
            guard try contract(rent).twin == twin else { throw LedgerError.contracts("NodeNotAvailableToDeploy") }
        } else {
            let extraFee: UInt64 = try state.value(.extraFee(node)) ?? 0
            guard !farm.isDedicated, extraFee == 0 else { throw LedgerError.contracts("NodeNotAvailableToDeploy") }
        }
    }

    /// Gives the first free addresses, in the farm's order, to a contract.
    private func reserve(_ count: UInt32, for contract: UInt64, in farm: inout Farm) throws -> [PublicIP] {
        guard count > 0 else { return [] }
        guard count <= farm.publicIPs.count else { throw LedgerError.contracts("FarmHasNotEnoughPublicIPs") }
        let free = farm.publicIPs.indices.filter { farm.publicIPs[$0].contract == 0 }.prefix(Int(count))
        guard free.count == count else { throw LedgerError.contracts("FarmHasNotEnoughPublicIPsFree") }
        for index in free { farm.publicIPs[index].contract = contract }
        try state.set(.farm(farm.id), farm)
        return free.map { farm.publicIPs[$0] }
    }

    /// Solution providers are made by the council; this ledger has none.
    private func checkProvider(_ provider: UInt64?) throws {
        guard provider == nil else { throw LedgerError.contracts("NoSuchSolutionProvider") }
    }

    mutating func updateNodeContract(_ account: AccountID, _ id: UInt64, _ hash: ContractHash, _ data: HexBytes) throws
    {
        var contract = try contract(id)
        guard try owner(of: contract) == account else {
            throw LedgerError.contracts("TwinNotAuthorizedToUpdateContract")
        }
        guard !contract.state.isInGrace else { throw LedgerError.contracts("CannotUpdateContractInGraceState") }
        guard var agreed = contract.kind.node else { throw LedgerError.contracts("InvalidContractType") }
        try state.remove(.contractByHash(agreed.node, agreed.hash))
        // No uniqueness check: an entry of another contract is overwritten, as on the chain.
        try state.set(.contractByHash(agreed.node, hash), id)
        agreed.hash = hash
        agreed.data = data
        contract.kind = .node(agreed)
        try state.set(.contract(id), contract)
        emit(.contractUpdated(contract: contract))
    }

    mutating func createNameContract(_ account: AccountID, _ name: String) throws {
        let twin = try twin(of: account, .contracts)
        guard name.utf8.count >= 3 else { throw LedgerError.contracts("NameContractNameTooShort") }
        guard name.utf8.count <= 64 else { throw LedgerError.contracts("NameContractNameTooLong") }
        guard name.utf8.allSatisfy({ $0.isLowerOrDigit || $0.isDash }) else {
            throw LedgerError.contracts("NameNotValid")
        }
        guard try state.value(.contractByName(name), as: UInt64.self) == nil else {
            throw LedgerError.contracts("NameExists")
        }
        let contract = Contract(id: try state.next(.lastContract), twin: twin, kind: .name(name))
        try state.set(.contractByName(name), contract.id)
        try begin(contract)
    }

    mutating func createRentContract(_ account: AccountID, _ nodeID: UInt32, _ provider: UInt64?) throws {
        guard try state.value(.rent(nodeID), as: UInt64.self) == nil else {
            throw LedgerError.contracts("NodeHasRentContract")
        }
        let node = try node(nodeID, .contracts)
        let farm = try farm(node.farm, .contracts)
        guard try farm.isDedicated || activeContracts(nodeID).isEmpty else {
            throw LedgerError.contracts("NodeNotAvailableToDeploy")
        }
        let twin = try twin(of: account, .contracts)
        try checkProvider(provider)
        let contract = Contract(
            id: try state.next(.lastContract), twin: twin, kind: .rent(node: nodeID), solutionProvider: provider)
        try state.set(.rent(nodeID), contract.id)
        try begin(contract)
    }

    /// What contracts of every kind begin with.
    private mutating func begin(_ contract: Contract) throws {
        try state.set(.contract(contract.id), contract)
        try state.set(.billing(contract.id), ContractBilling(lastUpdated: seconds))
        try state.set(.lock(contract.id), ContractLock(updated: seconds))
        emit(.contractCreated(contract: contract))
    }

    /// The account that signs for a contract's twin.
    func owner(of contract: Contract) throws -> AccountID? {
        try state.value(.twin(contract.twin), as: Twin.self)?.account
    }
}
