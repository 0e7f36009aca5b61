import Foundation
import Testing

@testable import SQLite

/// A folder of this test alone, removed at the end.
final class Folder {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "zos-sqlite-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    var file: String { path + "/test.db" }
}

private let schema = [Migration("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL) STRICT")]

@Suite("Database")
struct DatabaseTests {
    @Test("a writer is durable: write-ahead log and full synchronisation are read back, the file is private")
    func writerIsDurable() throws {
        let folder = try Folder()
        let connection = try Connection(path: folder.file)
        #expect(try connection.first("PRAGMA journal_mode") { row throws(SQLiteError) in try row.text(0) } == "wal")
        #expect(try connection.first("PRAGMA synchronous") { row throws(SQLiteError) in try row.int(0) } == 2)
        #expect(try connection.first("PRAGMA foreign_keys") { row throws(SQLiteError) in try row.int(0) } == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("opening a file again leaves the locks on it: no other program may take the log away")
    func locksStay() throws {
        let folder = try Folder()
        let first = try Connection(path: folder.file)
        try first.script("CREATE TABLE v (a)")
        let before = try locks(on: folder.file)
        #expect(!before.isEmpty, "a connection in this mode holds a lock as long as it is open")
        let second = try Connection(path: folder.file)
        #expect(try locks(on: folder.file).isSuperset(of: before))
        withExtendedLifetime((first, second)) {}
    }

    /// This process's locks on a file, as proc_locks(5) lists them.
    private func locks(on path: String) throws -> Set<String> {
        let inode = try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
        let all = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        // Without the line's number, which others' locks change.
        let own = all.filter { $0.contains(":\(inode) ") && $0.contains(" \(getpid()) ") }
        return Set(own.map { $0.split(separator: " ").dropFirst().joined(separator: " ") })
    }

    @Test("values come back as they were bound")
    func valuesRoundTrip() throws {
        let folder = try Folder()
        let connection = try Connection(path: folder.file)
        try connection.script("CREATE TABLE v (a, b, c, d, e)")
        let text = "e\u{301}\0é"
        try connection.execute(
            "INSERT INTO v VALUES (?, ?, ?, ?, ?)", UInt64.max, text, [UInt8](), [0, 255] as [UInt8], Int?.none)
        let row = try connection.first("SELECT * FROM v") { row throws(SQLiteError) in
            (try row.uint64(0), try row.text(1), try row.blob(2), try row.blob(3), row.isNull(4))
        }
        #expect(row?.0 == .max)
        #expect(row.map { Array($0.1.utf8) } == Array(text.utf8))
        #expect(row?.2 == [])
        #expect(row?.3 == [0, 255])
        #expect(row?.4 == true)
        #expect(throws: SQLiteError.self) {
            try connection.first("SELECT b FROM v") { row throws(SQLiteError) in try row.int64(0) }
        }
        #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM v WHERE a = ? AND b = ?", 1) }
    }

    @Test("callers that wait together share a commit, and one that fails harms no other")
    func groupCommit() async throws {
        let folder = try Folder()
        let database = try Database(path: folder.file, migrations: schema)
        struct Refused: Error {}
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { connection in
                            try connection.execute("INSERT INTO item (name) VALUES (?)", "n\(number)")
                            if number % 10 == 0 { throw Refused() }
                        }
                        return true
                    } catch { return false }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stored == 180)
        let count = try await database.read { connection in
            try connection.first("SELECT count(*) FROM item") { row throws(SQLiteError) in try row.int(0) }
        }
        #expect(count == 180)
        await #expect(throws: SQLiteError.self) {
            try await database.write { try $0.execute("INSERT INTO item (name) VALUES (?)", "n1") }
        }
    }

    @Test("a full disk is told apart and harms nothing that is stored")
    func fullDisk() async throws {
        let folder = try Folder()
        let database = try Database(path: folder.file, migrations: schema)
        try await database.write { try $0.execute("INSERT INTO item (name) VALUES ('kept')") }
        _ = try await database.write { connection in
            try connection.first("PRAGMA max_page_count = 4") { row throws(SQLiteError) in try row.int(0) }
        }
        let large = String(repeating: "x", count: 100_000)
        let error = await #expect(throws: SQLiteError.self) {
            try await database.write { try $0.execute("INSERT INTO item (name) VALUES (?)", large) }
        }
        #expect(error?.isFull == true)
        let names = try await database.read { connection in
            try connection.query("SELECT name FROM item") { row throws(SQLiteError) in try row.text(0) }
        }
        #expect(names == ["kept"])
        try await database.write { try $0.execute("INSERT INTO item (name) VALUES ('small')") }
    }

    @Test("a file of a newer program is refused and left alone")
    func newerSchema() throws {
        let folder = try Folder()
        try Connection(path: folder.file).script("PRAGMA user_version = 7")
        let error = #expect(throws: SQLiteError.self) { try Database(path: folder.file, migrations: schema) }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("schema 7") == true)
    }

    @Test("a failing migration leaves the schema at the last good step")
    func failingMigration() throws {
        let folder = try Folder()
        let steps = schema + [Migration("CREATE TABLE other (id); CREATE TABLE item (id)")]
        let error = #expect(throws: SQLiteError.self) { try Database(path: folder.file, migrations: steps) }
        #expect(error?.code == .migrationFailed)
        let connection = try Connection(path: folder.file)
        #expect(try connection.first("PRAGMA user_version") { row throws(SQLiteError) in try row.int(0) } == 1)
        #expect(try connection.query("SELECT * FROM sqlite_master WHERE name = 'other'") { _ in 0 }.isEmpty)
    }
}
