import JSON

extension LedgerQuery {
    /// A waiting client is answered at the latest after this.
    static let longestPatience: UInt64 = 30_000

    /// What a ledger answers; JSON null stands for absent.
    func answer(from ledger: any SignedCallLedger) async throws -> JSONValue {
        switch self {
        case .genesisHash: try JSONValue(encoding: await ledger.genesisHash())
        case .head(let at): try JSONValue(encoding: await ledger.head(at))
        case .twin(let id, let at): try JSONValue(encoding: await ledger.twin(id, at: at))
        case .twinID(let account, let at): try JSONValue(encoding: await ledger.twinID(of: account, at: at))
        case .node(let id, let at): try JSONValue(encoding: await ledger.node(id, at: at))
        case .nodeID(let twin, let at): try JSONValue(encoding: await ledger.nodeID(ofTwin: twin, at: at))
        case .farm(let id, let at): try JSONValue(encoding: await ledger.farm(id, at: at))
        case .nodesOfFarm(let farm, let at): try JSONValue(encoding: await ledger.nodes(ofFarm: farm, at: at))
        case .power(let node, let at): try JSONValue(encoding: await ledger.power(ofNode: node, at: at))
        case .contract(let id, let at): try JSONValue(encoding: await ledger.contract(id, at: at))
        case .contractByHash(let node, let hash, let at):
            try JSONValue(encoding: await ledger.contractID(node: node, hash: hash, at: at))
        case .contractByName(let name, let at): try JSONValue(encoding: await ledger.contractID(name: name, at: at))
        case .activeContracts(let node, let at):
            try JSONValue(encoding: await ledger.activeContracts(ofNode: node, at: at))
        case .rentContract(let node, let at): try JSONValue(encoding: await ledger.rentContract(ofNode: node, at: at))
        case .resources(let contract, let at):
            try JSONValue(encoding: await ledger.resources(ofContract: contract, at: at))
        case .account(let id, let at): try JSONValue(encoding: await ledger.account(id, at: at))
        case .nextNonce(let account): try JSONValue(encoding: await ledger.nextNonce(of: account))
        case .terms(let account, let at):
            try JSONValue(encoding: await ledger.hasAcceptedTerms(account, at: at))
        case .versionText(let at): try JSONValue(encoding: await ledger.versionText(at: at))
        case .block(let number): try JSONValue(encoding: await ledger.block(number))
        case .waitForBlock(let number, let patience):
            try JSONValue(
                encoding: await ledger.waitForBlock(
                    after: number, patience: .milliseconds(min(patience, Self.longestPatience))))
        }
    }
}
