import Dispatch

/// One reader of a file.
final class ReadLane: Sendable {
    private let connection: Confined
    private let lane = DispatchQueue(label: "zos.sqlite.read")

    init(_ connection: sending Connection) { self.connection = Confined(connection) }

    func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            lane.async { [connection] in
                continuation.resume(with: Result { try connection.connection.snapshot(body) })
            }
        }
    }
}

extension Connection {
    /// Runs queries on one snapshot.
    fileprivate func snapshot<T>(_ body: (Connection) throws -> T) throws -> T {
        try script("BEGIN DEFERRED")
        defer { rollBack() }
        return try body(self)
    }
}
