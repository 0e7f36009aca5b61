extension RemoteLedger: SignedCallLedger {
    public func genesisHash() async throws(LedgerUnavailable) -> HexBytes { try await ask(.genesisHash) }

    public func head(_ point: ReadPoint) async throws(LedgerUnavailable) -> BlockReference {
        try await ask(.head(at: point))
    }

    public func twin(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Twin? {
        try await ask(.twin(id: id, at: point))
    }

    public func twinID(of account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await ask(.twinID(account: account, at: point))
    }

    public func node(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Node? {
        try await ask(.node(id: id, at: point))
    }

    public func nodeID(ofTwin twin: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await ask(.nodeID(twin: twin, at: point))
    }

    public func farm(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Farm? {
        try await ask(.farm(id: id, at: point))
    }

    public func nodes(ofFarm farm: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt32] {
        try await ask(.nodesOfFarm(farm: farm, at: point))
    }

    public func power(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> NodePower {
        try await ask(.power(node: node, at: point))
    }

    public func contract(_ id: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Contract? {
        try await ask(.contract(id: id, at: point))
    }

    public func contractID(
        node: UInt32, hash: ContractHash, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> UInt64? {
        try await ask(.contractByHash(node: node, hash: hash, at: point))
    }

    public func contractID(name: String, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await ask(.contractByName(name: name, at: point))
    }

    public func activeContracts(
        ofNode node: UInt32, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> [UInt64] {
        try await ask(.activeContracts(node: node, at: point))
    }

    public func rentContract(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await ask(.rentContract(node: node, at: point))
    }

    public func resources(
        ofContract contract: UInt64, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> Resources {
        try await ask(.resources(contract: contract, at: point))
    }

    public func account(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> LedgerAccount {
        try await ask(.account(id: id, at: point))
    }

    public func nextNonce(of account: AccountID) async throws(LedgerUnavailable) -> UInt32 {
        try await ask(.nextNonce(account: account))
    }

    public func hasAcceptedTerms(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool {
        try await ask(.terms(account: id, at: point))
    }

    public func versionText(at point: ReadPoint) async throws(LedgerUnavailable) -> String {
        try await ask(.versionText(at: point))
    }

    public func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup {
        try await ask(.block(number: number))
    }

    public func waitForBlock(
        after number: UInt32, patience: Duration
    ) async throws(LedgerUnavailable) -> BlockReference {
        let seconds = max(0, patience.components.seconds)
        let milliseconds =
            UInt64(seconds) * 1_000 + UInt64(max(0, patience.components.attoseconds) / 1_000_000_000_000_000)
        return try await ask(.waitForBlock(after: number, patience: milliseconds), waiting: patience)
    }
}
