import JSON
import SQLite
import Signatures

/// The ledger's state at one block: keys and JSON values, each write kept with the number of its block, so that older
/// blocks stay readable.
struct LedgerState {
    let connection: Connection
    let block: UInt32

    static let migrations = [
        Migration(
            """
            CREATE TABLE state (key TEXT NOT NULL, block INTEGER NOT NULL, value TEXT, PRIMARY KEY (key, block))
                STRICT, WITHOUT ROWID;
            CREATE INDEX state_block ON state (block);
            CREATE TABLE block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, parent BLOB NOT NULL,
                time INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
            CREATE TABLE event (block INTEGER NOT NULL, position INTEGER NOT NULL, extrinsic INTEGER NOT NULL,
                event TEXT NOT NULL, PRIMARY KEY (block, position)) STRICT, WITHOUT ROWID;
            CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID
            """),
        // What a block was made of; blocks from before have no body and no root of it.
        Migration(
            """
            CREATE TABLE body (block INTEGER NOT NULL, position INTEGER NOT NULL, form TEXT NOT NULL,
                content BLOB NOT NULL, PRIMARY KEY (block, position)) STRICT, WITHOUT ROWID;
            ALTER TABLE block ADD COLUMN extrinsics BLOB;
            CREATE INDEX block_hash ON block (hash)
            """),
    ]

    func value<T: Decodable>(_ key: LedgerKey, as type: T.Type = T.self) throws -> T? {
        try value(text: key.text)
    }

    func value<T: Decodable>(text key: String, as type: T.Type = T.self) throws -> T? {
        let text = try connection.first(
            "SELECT value FROM state WHERE key = ? AND block <= ? ORDER BY block DESC LIMIT 1", key, block
        ) { row throws(SQLiteError) in try row.optional(0, row.text) }
        guard let text = text ?? nil else { return nil }
        return try JSONValue(parsing: text).decode(type)
    }

    /// The keys of a family that have a value.
    func keys(of family: LedgerKey.Family) throws -> [LedgerKey] {
        // `/` ends the family's name and `0` is the character after it. The row of a group is that of its last block.
        let rows = try connection.query(
            "SELECT key, value, max(block) FROM state WHERE key >= ? AND key < ? AND block <= ? GROUP BY key",
            family.rawValue + "/", family.rawValue + "0", block
        ) { row throws(SQLiteError) in (try row.text(0), row.isNull(1)) }
        return rows.compactMap { $0.1 ? nil : LedgerKey($0.0, of: family) }
    }

    func set(_ key: LedgerKey, _ value: (some Encodable)?) throws {
        let text = try value.map { try JSONValue(encoding: $0).text }
        try connection.execute(
            "INSERT INTO state (key, block, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            key.text, block, text)
    }

    func remove(_ key: LedgerKey) throws { try set(key, String?.none) }

    /// The next id of a counter. Undone with the call if that fails.
    func next(_ counter: LedgerKey) throws -> UInt64 {
        let last: UInt64 = try value(counter) ?? 0
        try set(counter, last + 1)
        return last + 1
    }

    /// What this block changed, as one digest.
    func changesDigest() throws -> [UInt8] {
        let rows = try connection.query(
            "SELECT key, value FROM state WHERE block = ? ORDER BY key", block
        ) { row throws(SQLiteError) in (try row.text(0), try row.optional(1, row.text)) }
        let changes = JSONValue.array(rows.map { [.string($0.0), $0.1.map(JSONValue.string) ?? .null] })
        return Sodium.blake2b(Array(changes.text.utf8))
    }

    /// Drops what no readable block shows any more.
    func prune(_ settings: LedgerSettings) throws {
        if block >= settings.keptStates {
            let oldest = block - settings.keptStates + 1
            try connection.execute(
                """
                DELETE FROM state WHERE block < ?1 AND EXISTS (SELECT 1 FROM state AS newer
                    WHERE newer.key = state.key AND newer.block > state.block AND newer.block <= ?1)
                """, oldest)
        }
        if block >= settings.keptEvents {
            let oldest = block - settings.keptEvents + 1
            try connection.execute("DELETE FROM event WHERE block < ?", oldest)
            try connection.execute("DELETE FROM body WHERE block < ?", oldest)
            try connection.execute("DELETE FROM block WHERE number < ? AND number > 0", oldest)
        }
    }
}
