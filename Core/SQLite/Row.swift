import CSQLite

/// The current row of a query. Valid only inside the closure that gets it.
public struct Row {
    let statement: OpaquePointer

    private func check(_ column: Int32, is type: Int32, _ name: String) throws(SQLiteError) {
        guard column >= 0, column < sqlite3_column_count(statement) else {
            throw SQLiteError(.wrongType, "there is no column \(column)")
        }
        guard sqlite3_column_type(statement, column) == type else {
            let column = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? String(column)
            throw SQLiteError(.wrongType, "column \(column) is no \(name)")
        }
    }

    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    public func int64(_ column: Int32) throws(SQLiteError) -> Int64 {
        try check(column, is: SQLITE_INTEGER, "integer")
        return sqlite3_column_int64(statement, column)
    }

    /// The bit pattern of the stored integer; the reverse of binding a `UInt64`.
    public func uint64(_ column: Int32) throws(SQLiteError) -> UInt64 { UInt64(bitPattern: try int64(column)) }

    public func uint32(_ column: Int32) throws(SQLiteError) -> UInt32 {
        guard let value = UInt32(exactly: try int64(column)) else {
            throw SQLiteError(.wrongType, "column \(column) does not fit 32 bits")
        }
        return value
    }

    public func int(_ column: Int32) throws(SQLiteError) -> Int { Int(try int64(column)) }

    public func bool(_ column: Int32) throws(SQLiteError) -> Bool { try int64(column) != 0 }

    public func text(_ column: Int32) throws(SQLiteError) -> String {
        try check(column, is: SQLITE_TEXT, "text")
        let length = Int(sqlite3_column_bytes(statement, column))
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        // SAFETY: SQLite keeps `length` bytes at `start` until the next step of this statement; we copy them now.
        return String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    public func blob(_ column: Int32) throws(SQLiteError) -> [UInt8] {
        try check(column, is: SQLITE_BLOB, "blob")
        let length = Int(sqlite3_column_bytes(statement, column))
        guard length > 0, let start = sqlite3_column_blob(statement, column) else { return [] }
        // SAFETY: as in `text`.
        return [UInt8](UnsafeRawBufferPointer(start: start, count: length))
    }

    /// Nil for NULL, otherwise what `read` finds: `try row.optional(2, row.text)`.
    public func optional<T>(_ column: Int32, _ read: (Int32) throws(SQLiteError) -> T) throws(SQLiteError) -> T? {
        isNull(column) ? nil : try read(column)
    }
}
