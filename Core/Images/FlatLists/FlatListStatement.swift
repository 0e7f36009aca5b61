import CSQLite
import Unpacking

/// One query of a flat list, row by row. Every column says whether it has the type that it has to have.
struct FlatListStatement: ~Copyable {
    private let handle: OpaquePointer
    private let database: OpaquePointer
    private let what: String

    init(_ database: OpaquePointer, _ sql: String, _ what: String) throws(ImageError) {
        var handle: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &handle, nil) == SQLITE_OK, let handle else {
            throw FlatListDatabase.failure(database, what)
        }
        self.handle = handle
        self.database = database
        self.what = what
    }

    deinit { sqlite3_finalize(handle) }

    /// Whether there is another row.
    mutating func next() throws(ImageError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw FlatListDatabase.failure(database, what)
        }
    }

    mutating func bind(_ value: Int64) { sqlite3_bind_int64(handle, 1, value) }
    mutating func reset() { sqlite3_reset(handle) }

    func integer(_ column: Int32, _ name: String) throws(ImageError) -> Int64 {
        guard sqlite3_column_type(handle, column) == SQLITE_INTEGER else {
            throw ImageError(.invalid, "the flat list has a row of \(what) whose \(name) is no integer")
        }
        return sqlite3_column_int64(handle, column)
    }

    /// Not negative, at most `limit`.
    func number(_ column: Int32, _ name: String, atMost limit: UInt64 = UInt64(Int64.max)) throws(ImageError) -> UInt64
    {
        guard let number = UInt64(exactly: try integer(column, name)), number <= limit else {
            throw ImageError(.invalid, "the flat list has a row of \(what) whose \(name) is not from 0 to \(limit)")
        }
        return number
    }

    /// The bytes of a text or a blob, which old packers do not tell apart.
    func bytes(_ column: Int32, _ name: String, onlyBlob: Bool = false) throws(ImageError) -> [UInt8] {
        let type = sqlite3_column_type(handle, column)
        guard type == SQLITE_BLOB || (type == SQLITE_TEXT && !onlyBlob) else {
            throw ImageError(
                .invalid, "the flat list has a row of \(what) whose \(name) is no \(onlyBlob ? "blob" : "text")")
        }
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        // SAFETY: both belong to the current row, which the next step invalidates; the bytes are copied before.
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// Nil for NULL.
    func optionalBytes(_ column: Int32, _ name: String) throws(ImageError) -> [UInt8]? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : try bytes(column, name)
    }
}
