import SQLite

/// One call being applied to the state of the block in the making. What it throws as `LedgerError` undoes its changes.
struct Extrinsic {
    let state: LedgerState
    let settings: LedgerSettings
    /// Milliseconds since 1970.
    let time: UInt64
    private(set) var events: [LedgerEvent] = []

    init(state: LedgerState, settings: LedgerSettings, time: UInt64) {
        self.state = state
        self.settings = settings
        self.time = time
    }

    /// Seconds since 1970.
    var seconds: UInt64 { time / 1_000 }

    mutating func emit(_ event: LedgerEvent) { events.append(event) }

    /// The twin of the calling account.
    func twin(of account: AccountID, _ module: LedgerError.Module) throws -> UInt32 {
        guard let id: UInt32 = try state.value(.twinByAccount(account)) else {
            throw LedgerError(module, "TwinNotExists")
        }
        return id
    }

    func node(_ id: UInt32, _ module: LedgerError.Module) throws -> Node {
        guard let node: Node = try state.value(.node(id)) else { throw LedgerError(module, "NodeNotExists") }
        return node
    }

    /// The node that the calling account registered.
    func node(of account: AccountID, _ module: LedgerError.Module) throws -> Node {
        let twin = try twin(of: account, module)
        guard let id: UInt32 = try state.value(.nodeByTwin(twin)) else { throw LedgerError(module, "NodeNotExists") }
        return try node(id, module)
    }

    func farm(_ id: UInt32, _ module: LedgerError.Module) throws -> Farm {
        guard let farm: Farm = try state.value(.farm(id)) else { throw LedgerError(module, "FarmNotExists") }
        return farm
    }

    func contract(_ id: UInt64) throws -> Contract {
        guard let contract: Contract = try state.value(.contract(id)) else {
            throw LedgerError.contracts("ContractNotExists")
        }
        return contract
    }

    func activeContracts(_ node: UInt32) throws -> [UInt64] { try state.value(.active(node)) ?? [] }

    mutating func apply(_ call: LedgerCall, by account: AccountID) throws {
        switch call {
        case .createTwin(let relay, let pk): try createTwin(account, relay, pk)
        case .updateTwin(let relay, let pk): try updateTwin(account, relay, pk)
        case .acceptTerms(let document, let hash): try acceptTerms(account, document, hash)
        case .createFarm(let name, let ips): try createFarm(account, name, ips)
        case .addFarmIP(let farm, let ip, let gateway): try addFarmIP(account, farm, ip, gateway)
        case .removeFarmIP(let farm, let ip): try removeFarmIP(account, farm, ip)
        case .createNode(let node): try createNode(account, node)
        case .updateNode(let id, let registration): try updateNode(account, id, registration)
        case .addNodePublicConfig(let farm, let node, let config): try setPublicConfig(account, farm, node, config)
        case .changePowerState(let isUp): try changePowerState(account, isUp)
        case .changePowerTarget(let node, let target): try changePowerTarget(account, node, target)
        case .reportUptime(let uptime, let hint): try reportUptime(account, uptime, hint)
        case .deleteNodeFarm(let node): try deleteNode(account, node)
        case .createNodeContract(let node, let hash, let data, let ips, let provider):
            try createNodeContract(account, node, hash, data, ips, provider)
        case .updateNodeContract(let id, let hash, let data): try updateNodeContract(account, id, hash, data)
        case .createNameContract(let name): try createNameContract(account, name)
        case .createRentContract(let node, let provider): try createRentContract(account, node, provider)
        case .cancelContract(let id): try cancelContract(account, id)
        case .reportContractResources(let resources): try reportResources(account, resources)
        case .addNRUReports(let reports): try reportTraffic(account, reports)
        }
    }
}
