import CSQLite
import Glibc

/// One connection to a database file. Not thread safe and not Sendable: it lives on one lane (see `Database`) or with
/// one owner.
public final class Connection {
    public enum Access: Sendable { case readWrite, readOnly }

    /// How long a statement waits for another process' lock, in milliseconds.
    private static let busyTimeout: Int32 = 5_000
    /// Statements kept prepared; far more than one module uses.
    private static let cacheLimit = 128

    private let handle: OpaquePointer
    private var idle: [String: OpaquePointer] = [:]

    /// Opens `path`; with `readWrite` the file is made (0600) if absent and write-ahead logging with full
    /// synchronisation is switched on and read back: a file system that refuses either is `notDurable`.
    public init(path: String, access: Access = .readWrite) throws(SQLiteError) {
        if access == .readWrite {
            // SQLite gives its log files the mode of the database: make that private before it exists. One that exists is not touched:
            // closing any descriptor of a file drops the locks that this process has on it (fcntl(2)), those of its other
            // connections too, and the next program that looks into it would then take the log away.
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                close(descriptor)
            } else if errno != EEXIST {
                throw SQLiteError(.cannotOpen, "open \(path): \(String(cString: strerror(errno)))")
            }
        }
        let flags = SQLITE_OPEN_NOMUTEX | (access == .readWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY)
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteError(result: result, handle: opened, doing: "open \(path)")
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.busyTimeout)
        var on: Int32 = 0
        guard zos_sqlite_switch(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &on) == SQLITE_OK, on == 1 else {
            throw SQLiteError(.cannotOpen, "open \(path): this SQLite has no defensive mode")
        }
        try script("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL")
        if access == .readWrite {
            try script("PRAGMA journal_mode = WAL")
            try checkDurable(path)
        }
    }

    deinit {
        for statement in idle.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    private func checkDurable(_ path: String) throws(SQLiteError) {
        let journal = try first("PRAGMA journal_mode") { row throws(SQLiteError) in try row.text(0) }
        let synchronous = try first("PRAGMA synchronous") { row throws(SQLiteError) in try row.int64(0) }
        guard journal == "wal", synchronous == 2 else {
            throw SQLiteError(
                .notDurable,
                "\(path): journal \(journal ?? "unknown"), synchronous \(synchronous.map(String.init) ?? "unknown"); "
                    + "needed are wal and 2: move the file to a local file system")
        }
    }

    /// Runs one statement that gives no rows (rows are dropped).
    public func execute(_ sql: String, _ values: (any Bindable)...) throws(SQLiteError) {
        try run(sql, values) { (_) throws(SQLiteError) in true }
    }

    /// All rows of a query, each as `map` makes it.
    public func query<T>(
        _ sql: String, _ values: (any Bindable)..., map: (Row) throws(SQLiteError) -> T
    ) throws(SQLiteError) -> [T] {
        var found: [T] = []
        try run(sql, values) { row throws(SQLiteError) in
            found.append(try map(row))
            return true
        }
        return found
    }

    /// The first row of a query, or nil if there is none.
    public func first<T>(
        _ sql: String, _ values: (any Bindable)..., map: (Row) throws(SQLiteError) -> T
    ) throws(SQLiteError) -> T? {
        var found: T?
        try run(sql, values) { row throws(SQLiteError) in
            found = try map(row)
            return false
        }
        return found
    }

    /// Runs several statements without parameters, for schemas.
    public func script(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw SQLiteError(result: result, handle: handle, doing: sql) }
    }

    /// The row id of the last insert.
    public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Rows that the last statement changed.
    public var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func run(
        _ sql: String, _ values: [any Bindable], each: (Row) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) {
        let statement = try take(sql)
        defer { giveBack(statement, sql) }
        for (index, value) in values.enumerated() {
            try bind(value.sqliteValue, at: Int32(index + 1), of: statement, sql)
        }
        guard values.count == Int(sqlite3_bind_parameter_count(statement)) else {
            throw SQLiteError(.wrongType, "\(sql): \(values.count) values given")
        }
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { return }
            guard result == SQLITE_ROW else { throw SQLiteError(result: result, handle: handle, doing: sql) }
            if try !each(Row(statement: statement)) { return }
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32, of statement: OpaquePointer, _ sql: String)
        throws(SQLiteError)
    {
        var value = value
        let result: Int32 =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .text(var text):
                // SAFETY: SQLite copies the bytes before the call returns.
                text.withUTF8 { zos_sqlite_bind_text(statement, index, $0.baseAddress, UInt64($0.count)) }
            case .blob(let bytes):
                // SAFETY: as above.
                bytes.withUnsafeBytes { zos_sqlite_bind_blob(statement, index, $0.baseAddress, UInt64($0.count)) }
            }
        value = .null
        guard result == SQLITE_OK else { throw SQLiteError(result: result, handle: handle, doing: sql) }
    }

    /// A prepared statement from the cache. Taken out while in use, so a nested use of the same text gets its own.
    private func take(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        if let statement = idle.removeValue(forKey: sql) { return statement }
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else {
            throw SQLiteError(result: result, handle: handle, doing: sql)
        }
        return statement
    }

    private func giveBack(_ statement: OpaquePointer, _ sql: String) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        if idle.count < Self.cacheLimit, idle[sql] == nil {
            idle[sql] = statement
        } else {
            sqlite3_finalize(statement)
        }
    }
}
