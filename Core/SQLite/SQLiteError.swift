import CSQLite

/// Why a database call failed.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case cannotOpen, notDurable, newerSchema, migrationFailed
        case full, busy, constraint, corrupt, readOnly, wrongType, closed, failed
    }

    public let code: Code
    /// What happened, with the file or the statement involved.
    public let message: String
    /// SQLite's extended result code; 0 when the failure is ours.
    public let extendedCode: Int32

    public init(_ code: Code, _ message: String, extendedCode: Int32 = 0) {
        self.code = code
        self.message = message
        self.extendedCode = extendedCode
    }

    /// Whether the disk (or its quota) is full: nothing was stored, trying again later can work.
    public var isFull: Bool { code == .full }

    public var description: String { message }

    init(result: Int32, handle: OpaquePointer?, doing what: String) {
        let extended = handle.map { sqlite3_extended_errcode($0) } ?? result
        let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(result))
        // A write that fails for want of space shows as FULL, or as an I/O error with the system's ENOSPC or EDQUOT.
        let systemError = handle.map { sqlite3_system_errno($0) } ?? 0
        let isOutOfSpace = result & 0xff == SQLITE_IOERR && (systemError == 28 || systemError == 122)
        let code: Code =
            switch result & 0xff {
            case SQLITE_FULL: .full
            case SQLITE_IOERR where isOutOfSpace: .full
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_READONLY: .readOnly
            case SQLITE_CANTOPEN: .cannotOpen
            default: .failed
            }
        self.init(code, "\(what): \(detail) (\(extended))", extendedCode: extended)
    }
}
