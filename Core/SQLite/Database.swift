import Synchronization

/// A database file with an async face: one writer that commits many callers at once, and a few readers beside it.
///
/// Nothing here blocks a cooperative thread; the SQLite calls run on serial queues of their own.
public final class Database: Sendable {
    private let writer: WriteLane
    private let readers: [ReadLane]
    private let next = Atomic<UInt>(0)
    public let path: String

    /// Opens the file and brings its schema up to date. Blocks while it does: call it at start.
    /// - Throws: `cannotOpen`, `notDurable`, `newerSchema`, `migrationFailed`, `full`, …
    public init(path: String, migrations: [Migration], readers count: Int = 2) throws(SQLiteError) {
        self.path = path
        let connection = try Connection(path: path)
        try Migration.bring(connection, to: migrations, path: path)
        writer = WriteLane(connection)
        var lanes: [ReadLane] = []
        for _ in 0..<max(1, count) { lanes.append(ReadLane(try Connection(path: path, access: .readOnly))) }
        readers = lanes
    }

    /// Runs `body` inside a transaction and returns once that is on disk.
    ///
    /// Callers that wait at the same time share one commit. Each has a savepoint: one that throws is undone alone and
    /// gets its error, the others do not notice. If the commit itself fails (disk full), all of them fail.
    public func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await writer.write(body)
    }

    /// Runs `body` on a reader, all its queries on one snapshot. It sees every write that returned before.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return try await readers[Int(turn % UInt(readers.count))].read(body)
    }
}
