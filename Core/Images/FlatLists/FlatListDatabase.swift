import CSQLite
import Unpacking

/// The metadata of a root in SQLite (docs/spec/flist.md section 2), read from memory: exactly the bytes that were
/// hashed, and no file that the database could name.
public final class FlatListDatabase {
    private let database: OpaquePointer

    private static let valueLimit: Int32 = 1 << 20
    /// Instructions of SQLite's machine for all queries; two million inodes take about a hundredth.
    private static let stepLimit = 4_000_000_000
    private static let stepsPerCall: Int32 = 100_000
    private final class Steps { var left = FlatListDatabase.stepLimit }
    private let steps = Steps()

    /// - Throws: `invalid` for what is no such database, or has views, triggers or virtual tables.
    public init(_ bytes: [UInt8]) throws(ImageError) {
        let writeAheadLog: UInt8 = 2
        guard bytes.starts(with: Array("SQLite format 3\0".utf8)), bytes.count >= 512 else {
            throw ImageError(.invalid, "the flat list is no SQLite database")
        }
        guard bytes[18] != writeAheadLog, bytes[19] != writeAheadLog else {
            throw ImageError(
                .invalid, "the flat list is a database with a write-ahead log, which has content elsewhere")
        }
        var opened: OpaquePointer?
        guard sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            let opened
        else {
            sqlite3_close_v2(opened)
            throw ImageError(.unavailable, "no memory for the flat list")
        }
        database = opened
        try load(bytes)
        try restrict()
        try checkSchema()
    }

    deinit { sqlite3_close_v2(database) }

    private func load(_ bytes: [UInt8]) throws(ImageError) {
        guard let memory = sqlite3_malloc64(UInt64(bytes.count)) else {
            throw ImageError(.unavailable, "no memory for the flat list")
        }
        bytes.withUnsafeBytes {
            memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: bytes.count)
        }
        let size = Int64(bytes.count)
        // SAFETY: the memory is SQLite's own from here on, also if this fails.
        let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
        let result = sqlite3_deserialize(
            database, "main", memory.assumingMemoryBound(to: UInt8.self), size, size, flags)
        guard result == SQLITE_OK else { throw Self.failure(database, "the file") }
    }

    private func restrict() throws(ImageError) {
        var value: Int32 = 0
        for (option, on) in [(SQLITE_DBCONFIG_DEFENSIVE, Int32(1)), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)] {
            guard zos_sqlite_switch(database, option, on, &value) == SQLITE_OK, value == on else {
                throw ImageError(.unavailable, "this SQLite cannot be restricted")
            }
        }
        guard sqlite3_exec(database, "PRAGMA cell_size_check=on; PRAGMA query_only=on", nil, nil, nil) == SQLITE_OK
        else { throw Self.failure(database, "the header") }
        for (limit, most) in [
            (SQLITE_LIMIT_LENGTH, Self.valueLimit), (SQLITE_LIMIT_SQL_LENGTH, 16384), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_COLUMN, 64), (SQLITE_LIMIT_EXPR_DEPTH, 32), (SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        ] { sqlite3_limit(database, limit, most) }
        // SAFETY: `steps` lives as long as the database, which is closed when this object goes.
        sqlite3_progress_handler(
            database, Self.stepsPerCall,
            { context in
                guard let context else { return 1 }
                let steps = Unmanaged<Steps>.fromOpaque(context).takeUnretainedValue()
                steps.left -= Int(FlatListDatabase.stepsPerCall)
                return steps.left > 0 ? 0 : 1
            }, Unmanaged.passUnretained(steps).toOpaque())
    }

    /// Nothing in the file may be anything but tables and indexes.
    private func checkSchema() throws(ImageError) {
        var rows = try statement("SELECT type, name, sql FROM sqlite_master", "the schema")
        while try rows.next() {
            let type = String(decoding: try rows.bytes(0, "type"), as: UTF8.self)
            let sql = String(decoding: try rows.optionalBytes(2, "sql") ?? [], as: UTF8.self).lowercased()
            let isPlain = type == "table" || type == "index"
            let words = sql.split(whereSeparator: { $0.isWhitespace }).prefix(3)
            guard isPlain, !words.contains("virtual") else {
                let name = String(decoding: try rows.bytes(1, "name").prefix(64), as: UTF8.self)
                throw ImageError(
                    .invalid,
                    "the flat list has '\(name)', which is a \(isPlain ? "virtual table" : type): only plain tables are read"
                )
            }
        }
    }

    func statement(_ sql: String, _ what: String) throws(ImageError) -> FlatListStatement {
        try FlatListStatement(database, sql, what)
    }

    /// The stores of all blocks.
    public func routes() throws(ImageError) -> [FlatListRoute] {
        var routes: [FlatListRoute] = []
        var rows = try statement("SELECT start, end, url FROM route", "route")
        while try rows.next() {
            guard routes.count < FlatListRoute.countLimit else {
                throw ImageError(.tooLarge, "the flat list has more than \(FlatListRoute.countLimit) routes")
            }
            let start = try rows.number(0, "start", atMost: 255)
            let end = try rows.number(1, "end", atMost: 255)
            routes.append(
                try FlatListRoute(
                    start: UInt8(start), end: UInt8(end),
                    url: String(decoding: try rows.bytes(2, "url"), as: UTF8.self)))
        }
        return routes
    }

    static func failure(_ database: OpaquePointer, _ what: String) -> ImageError {
        let text = sqlite3_errmsg(database).map { String(cString: $0) } ?? "unknown"
        let code = sqlite3_errcode(database)
        if code == SQLITE_NOMEM { return ImageError(.unavailable, "no memory for the flat list") }
        if code == SQLITE_INTERRUPT || code == SQLITE_TOOBIG {
            return ImageError(.tooLarge, "\(what) of the flat list takes too much to read: \(text)")
        }
        return ImageError(.corrupt, "\(what) of the flat list cannot be read: \(text)")
    }
}
