import JSON
import SQLite

extension EmbeddedLedger: SignedCallLedger {
    public func genesisHash() async throws(LedgerUnavailable) -> HexBytes { genesis.hash }

    public func head(_ point: ReadPoint) async throws(LedgerUnavailable) -> BlockReference {
        try await read { connection in
            guard case .block(let number) = point else { return try BlockMaker.head(connection).reference }
            guard let block = try Self.reference(number, connection) else {
                throw LedgerUnavailable(.pruned, "block \(number) is not kept")
            }
            return block.reference
        }
    }

    public func twin(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Twin? {
        try await value(.twin(id), point)
    }

    public func twinID(of account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await value(.twinByAccount(account), point)
    }

    public func node(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Node? {
        try await value(.node(id), point)
    }

    public func nodeID(ofTwin twin: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await value(.nodeByTwin(twin), point)
    }

    public func farm(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Farm? {
        try await value(.farm(id), point)
    }

    public func nodes(ofFarm farm: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt32] {
        try await value(.nodesOfFarm(farm), point) ?? []
    }

    public func power(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> NodePower {
        try await value(.power(node), point) ?? NodePower()
    }

    public func contract(_ id: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Contract? {
        try await value(.contract(id), point)
    }

    public func contractID(
        node: UInt32, hash: ContractHash, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> UInt64? {
        try await value(.contractByHash(node, hash), point)
    }

    public func contractID(name: String, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await value(.contractByName(name), point)
    }

    public func activeContracts(
        ofNode node: UInt32, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> [UInt64] {
        try await value(.active(node), point) ?? []
    }

    public func rentContract(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await value(.rent(node), point)
    }

    public func resources(
        ofContract contract: UInt64, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> Resources {
        try await value(.resources(contract), point) ?? Resources()
    }

    public func account(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> LedgerAccount {
        try await value(.account(id), point) ?? LedgerAccount()
    }

    /// A ledger that does not ask for terms takes them for accepted.
    public func hasAcceptedTerms(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool {
        guard settings.requiresTerms else { return true }
        let acceptance: TermsAcceptance? = try await value(.terms(id), point)
        return acceptance != nil
    }

    public func versionText(at point: ReadPoint) async throws(LedgerUnavailable) -> String {
        try await value(.versionText, point) ?? ""
    }

    public func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup {
        let kept = settings.keptEvents
        return try await read { connection in
            let head = try BlockMaker.head(connection).reference.number
            guard number <= head else { return .notYet }
            guard head - number < kept, let found = try Self.reference(number, connection) else { return .pruned }
            let texts = try connection.query(
                "SELECT extrinsic, event FROM event WHERE block = ? ORDER BY position", number
            ) { row throws(SQLiteError) in (try row.uint32(0), try row.text(1)) }
            let events = try texts.map {
                EventRecord(extrinsic: $0.0, event: try JSONValue(parsing: $0.1).decode(LedgerEvent.self))
            }
            return .block(block: LedgerBlock(reference: found.reference, parent: found.parent, events: events))
        }
    }

    public func waitForBlock(
        after number: UInt32, patience: Duration
    ) async throws(LedgerUnavailable) -> BlockReference {
        await signal.wait(after: number, patience: patience)
        return try await head(.finalised)
    }

    func value<T: Decodable & Sendable>(
        _ key: LedgerKey, _ point: ReadPoint
    ) async throws(LedgerUnavailable) -> T? {
        let kept = settings.keptStates
        return try await read { connection in try Self.state(point, kept: kept, connection).value(key) }
    }

    /// The state at a block.
    static func state(_ point: ReadPoint, kept: UInt32, _ connection: Connection) throws -> LedgerState {
        let head = try BlockMaker.head(connection).reference.number
        var number = head
        if case .block(let asked) = point { number = asked }
        guard number <= head else {
            throw LedgerUnavailable(.unreachable, "block \(number) is not made yet; the head is \(head)")
        }
        guard head - number < kept else {
            throw LedgerUnavailable(.pruned, "the state of block \(number) is no longer kept; the head is \(head)")
        }
        return LedgerState(connection: connection, block: number)
    }

    static func reference(
        _ number: UInt32, _ connection: Connection
    ) throws -> (reference: BlockReference, parent: HexBytes)? {
        try connection.first("SELECT hash, time, parent FROM block WHERE number = ?", number) {
            row throws(SQLiteError) in
            let reference = BlockReference(number: number, hash: HexBytes(try row.blob(0)), time: try row.uint64(1))
            return (reference, HexBytes(try row.blob(2)))
        }
    }

    /// Whatever goes wrong while reading is *unavailable*: never an absent value.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws(LedgerUnavailable) -> T {
        do {
            return try await database.read(body)
        } catch let unavailable as LedgerUnavailable {
            throw unavailable
        } catch {
            throw LedgerUnavailable(.storage, "the ledger's file cannot be read: \(error)")
        }
    }
}
