import JSON
import SQLite

/// What the other faces of the ledger show of its blocks and state.
extension EmbeddedLedger {
    /// A block's header; nil for a number that is not reached.
    public func header(_ number: UInt32) async throws(LedgerUnavailable) -> LedgerHeader? {
        try await read { connection in
            guard number <= (try BlockMaker.head(connection).reference.number) else { return nil }
            let found = try connection.first("SELECT parent, state, extrinsics FROM block WHERE number = ?", number) {
                row throws(SQLiteError) in
                // Blocks of an earlier version, and genesis, were not made of anything that is kept.
                let extrinsics = try row.optional(2, row.blob) ?? [UInt8](repeating: 0, count: 32)
                return LedgerHeader(
                    parent: HexBytes(try row.blob(0)), number: number, stateRoot: HexBytes(try row.blob(1)),
                    extrinsicsRoot: HexBytes(extrinsics))
            }
            guard let found else { throw LedgerUnavailable(.pruned, "block \(number) is not kept") }
            return found
        }
    }

    /// The number of the block with a hash, nil if no kept block has it.
    public func number(ofBlock hash: HexBytes) async throws(LedgerUnavailable) -> UInt32? {
        try await read { connection in
            try connection.first("SELECT number FROM block WHERE hash = ?", hash.bytes) {
                row throws(SQLiteError) in try row.uint32(0)
            }
        }
    }

    /// What a block was made of, in the order of the indices in its events. Empty for the genesis block.
    public func body(_ number: UInt32) async throws(LedgerUnavailable) -> [BlockExtrinsic] {
        try await read { connection in
            let rows = try connection.query("SELECT form, content FROM body WHERE block = ? ORDER BY position", number)
            {
                row throws(SQLiteError) in (try row.text(0), try row.blob(1))
            }
            return try rows.map { try BlockExtrinsic(form: $0.0, content: $0.1) }
        }
    }

    /// Throws `pruned` or `unreachable` unless the state of a block can be read.
    public func requireState(at number: UInt32) async throws(LedgerUnavailable) {
        let kept = settings.keptStates
        try await read { connection in _ = try Self.state(.block(number: number), kept: kept, connection) }
    }

    /// A value of the state at a block.
    public func value<T: Decodable & Sendable>(
        _ key: LedgerKey, at number: UInt32, as type: T.Type = T.self
    ) async throws(LedgerUnavailable) -> T? {
        try await value(key, ReadPoint.block(number: number))
    }

    /// The keys of a family that have a value at a block, in no particular order.
    public func keys(of family: LedgerKey.Family, at number: UInt32) async throws(LedgerUnavailable) -> [LedgerKey] {
        let kept = settings.keptStates
        return try await read { connection in
            try Self.state(.block(number: number), kept: kept, connection).keys(of: family)
        }
    }
}
