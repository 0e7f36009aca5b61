/// One numbered step of a schema. Steps are never changed after they were released; new ones are appended.
public struct Migration: Sendable {
    let apply: @Sendable (Connection) throws -> Void

    /// A step in SQL, one or more statements.
    public init(_ sql: String) {
        apply = { connection in try connection.script(sql) }
    }

    /// A step in code.
    public init(_ apply: @escaping @Sendable (Connection) throws -> Void) { self.apply = apply }

    /// Brings the file from its number (`user_version`) to `steps.count`, each step in a transaction with the number.
    /// A file with a higher number was written by a newer program: `newerSchema`, nothing is touched.
    public static func bring(_ connection: Connection, to steps: [Migration], path: String) throws(SQLiteError) {
        let found = try connection.first("PRAGMA user_version") { row throws(SQLiteError) in try row.int(0) } ?? 0
        guard found <= steps.count else {
            throw SQLiteError(
                .newerSchema,
                "\(path) has schema \(found), this program knows up to \(steps.count); "
                    + "run the newer version again or restore the copy made before the upgrade")
        }
        for number in found..<steps.count {
            do {
                try connection.transaction { connection in
                    try steps[number].apply(connection)
                    try connection.script("PRAGMA user_version = \(number + 1)")
                }
            } catch let error as SQLiteError {
                throw SQLiteError(
                    error.isFull ? .full : .migrationFailed, "\(path): schema step \(number + 1): \(error.message)",
                    extendedCode: error.extendedCode)
            } catch {
                throw SQLiteError(.migrationFailed, "\(path): schema step \(number + 1): \(error)")
            }
        }
    }
}
