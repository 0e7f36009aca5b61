import Contracts
import Substrate

extension ChainLedger: Ledger {
    public func genesisHash() async throws(LedgerUnavailable) -> HexBytes {
        if let known = pool.genesis { return HexBytes(known) }
        return try await pool.attempt { HexBytes($0.genesis) }
    }

    public func head(_ point: ReadPoint) async throws(LedgerUnavailable) -> BlockReference {
        try await pool.attempt { [pool] session in
            try await session.reference(try await session.place(point, floor: pool.floor))
        }
    }

    public func twin(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Twin? {
        try await value("TfgridModule", "Twins", .number(id), at: point)
    }

    public func twinID(of account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await id("TfgridModule", "TwinIdByAccountID", account.tree, at: point)
    }

    public func node(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Node? {
        try await value("TfgridModule", "Nodes", .number(id), at: point)
    }

    public func nodeID(ofTwin twin: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await id("TfgridModule", "NodeIdByTwinID", .number(twin), at: point)
    }

    public func farm(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Farm? {
        try await value("TfgridModule", "Farms", .number(id), at: point)
    }

    public func nodes(ofFarm farm: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt32] {
        try await read("TfgridModule", "NodesByFarmID", [.number(farm)], at: point) { try $0.numbers() } ?? []
    }

    public func power(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> NodePower {
        try await value("TfgridModule", "NodePower", .number(node), at: point) ?? NodePower()
    }

    public func contract(_ id: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Contract? {
        try await value("SmartContractModule", "Contracts", .number(id), at: point)
    }

    public func contractID(
        node: UInt32, hash: ContractHash, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> UInt64? {
        try await id("SmartContractModule", "ContractIDByNodeIDAndHash", .number(node), hash.tree, at: point)
    }

    public func contractID(name: String, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await id("SmartContractModule", "ContractIDByNameRegistration", .utf8(name), at: point)
    }

    public func activeContracts(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt64] {
        try await read("SmartContractModule", "ActiveNodeContracts", [.number(node)], at: point) {
            try $0.numbers()
        } ?? []
    }

    public func rentContract(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await id("SmartContractModule", "ActiveRentContractForNode", .number(node), at: point)
    }

    public func resources(
        ofContract contract: UInt64, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> Resources {
        let found: ContractResources? = try await value(
            "SmartContractModule", "NodeContractResources", .number(contract), at: point)
        return found?.used ?? Resources()
    }

    public func account(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> LedgerAccount {
        try await value("System", "Account", id.tree, at: point) ?? LedgerAccount()
    }

    public func versionText(at point: ReadPoint) async throws(LedgerUnavailable) -> String {
        try await read("TfgridModule", "ZosVersion", [], at: point) { try $0.displayText() } ?? ""
    }

    public func hasAcceptedTerms(_ account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool {
        try await read("TfgridModule", "UsersTermsAndConditions", [account.tree], at: point) { _ in true } ?? false
    }

    public func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup {
        try await blocks.block(number)
    }

    public func waitForBlock(
        after number: UInt32, patience: Duration
    ) async throws(LedgerUnavailable) -> BlockReference {
        await pool.heads.wait(after: number, patience: patience)
        return try await head(.finalised)
    }

    /// A thing by its key; nil if there is none.
    private func value<Value: ChainMapped & Sendable>(
        _ pallet: String, _ item: String, _ key: ScaleValue, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> Value? {
        try await read(pallet, item, [key], at: point) { try Value($0) }
    }

    /// An id by its key; 0 means that there is none.
    private func id<ID: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ pallet: String, _ item: String, _ key: ScaleValue..., at point: ReadPoint
    ) async throws(LedgerUnavailable) -> ID? {
        let found: ID? = try await read(pallet, item, key, at: point) { try $0.integer() }
        return found == 0 ? nil : found
    }

    private func read<Value: Sendable>(
        _ pallet: String, _ item: String, _ key: [ScaleValue], at point: ReadPoint,
        _ map: @Sendable (ScaleValue) throws -> Value
    ) async throws(LedgerUnavailable) -> Value? {
        try await pool.attempt { [pool] session in
            let found =
                if point == .best {
                    try await session.newestValue(pallet, item, key)
                } else {
                    try await session.value(
                        pallet, item, key, at: try await session.place(point, floor: pool.floor))
                }
            return try found.map(map)
        }
    }
}
