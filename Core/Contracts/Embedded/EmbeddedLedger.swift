import Glibc
import JSON
import SQLite
import Signatures

/// A ledger in one file, by the rules of the chain's pallets (docs/spec/ledger.md). Best and finalised head are the same.
public final class EmbeddedLedger: Sendable {
    let database: Database
    let signal: HeadSignal
    let genesis: BlockReference
    public let settings: LedgerSettings
    private let clock: @Sendable () -> UInt64
    let pool = CallPool()

    /// Opens the ledger's file; a new one starts with `genesis`, for an existing one that is not looked at.
    ///
    /// - Parameter clock: milliseconds since 1970.
    /// - Throws: `SQLiteError` for the file, `LedgerError` if the genesis breaks a rule; then nothing is stored.
    public init(
        path: String, genesis: LedgerGenesis? = nil,
        clock: @escaping @Sendable () -> UInt64 = EmbeddedLedger.systemTime
    ) throws {
        let opener = try Connection(path: path)
        try Migration.bring(opener, to: LedgerState.migrations, path: path)
        settings = try opener.transaction { connection in
            try Self.prepare(connection, path: path, genesis: genesis, now: clock())
        }
        let first = try opener.first("SELECT hash, time FROM block WHERE number = 0") { row throws(SQLiteError) in
            BlockReference(number: 0, hash: HexBytes(try row.blob(0)), time: try row.uint64(1))
        }
        guard let first else { throw SQLiteError(.corrupt, "\(path) has no genesis block") }
        self.genesis = first
        signal = HeadSignal(head: try BlockMaker.head(opener).reference.number)
        database = try Database(path: path, migrations: LedgerState.migrations)
        self.clock = clock
    }

    /// The system's time of day in milliseconds.
    public static let systemTime: @Sendable () -> UInt64 = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UInt64(max(0, now.tv_sec)) * 1_000 + UInt64(max(0, now.tv_nsec)) / 1_000_000
    }

    private static func prepare(
        _ connection: Connection, path: String, genesis: LedgerGenesis?, now: UInt64
    ) throws -> LedgerSettings {
        let stored = try connection.first("SELECT value FROM setting WHERE name = 'settings'") {
            row throws(SQLiteError) in try row.text(0)
        }
        if let stored { return try JSONValue(parsing: stored).decode(LedgerSettings.self) }
        guard let genesis else {
            throw SQLiteError(.cannotOpen, "\(path) is a new ledger and there is no genesis to start it with")
        }
        let settings = genesis.settings ?? LedgerSettings()
        try BlockMaker.makeGenesis(connection, time: now) { try genesis.apply(to: $0, time: now) }
        try connection.execute(
            "INSERT INTO setting (name, value) VALUES ('settings', ?), ('warp', '0')",
            try JSONValue(encoding: settings).text)
        return settings
    }

    /// Makes the blocks of a ledger with a block time, until the task is cancelled. On demand there is nothing to do.
    /// Calls that came before wait for it; those that come after it get no answer.
    public func run() async throws {
        guard case .every(let milliseconds) = settings.production else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        pool.start()
        defer { pool.stop() }
        while true {
            try await Task.sleep(for: .milliseconds(milliseconds))
            await produce()
        }
    }

    /// Applies a call of the administrator, in a block of its own.
    @discardableResult
    public func administrate(_ call: AdministratorCall) async throws(CallFailure) -> CallReceipt {
        try await makeBlock(of: .administrator(call)).get()
    }

    public func submit(_ call: SignedCall) async throws(CallFailure) -> CallReceipt {
        try await enqueue(call).outcome().get()
    }

    private func produce() async {
        let taken = TakenCalls()
        let outcomes: [BlockMaker.Outcome]
        do {
            outcomes = try await makeBlock { [pool] in taken.take(from: pool) }
        } catch {
            outcomes = taken.entries.map { _ in .failure(.unavailable(reason: error)) }
        }
        for (index, entry) in taken.entries.enumerated() {
            entry.pending.resolve(outcomes.indices.contains(index) ? outcomes[index] : .failure(CallPool.stopped))
        }
    }

    func makeBlock(of operation: BlockMaker.Operation) async -> BlockMaker.Outcome {
        do {
            return try await makeBlock { [operation] }.first ?? .failure(CallPool.stopped)
        } catch {
            return .failure(.unavailable(reason: error))
        }
    }

    /// Stores a block; only then anybody hears of it.
    /// - Parameter operations: asked once, in the lane that makes blocks.
    private func makeBlock(
        of operations: @escaping @Sendable () -> [BlockMaker.Operation]
    ) async throws(LedgerUnavailable) -> [BlockMaker.Outcome] {
        do {
            let now = clock()
            let result = try await database.write { [settings] connection in
                let operations = operations()
                let warp = try Self.warp(connection, by: operations)
                return try BlockMaker(connection: connection, settings: settings, now: now &+ warp).make(operations)
            }
            signal.advance(to: result.head.number)
            return result.outcomes
        } catch {
            throw LedgerUnavailable(.storage, "the ledger cannot store a block: \(error)")
        }
    }

    /// How far the ledger's clock is ahead of the system's.
    private static func warp(_ connection: Connection, by operations: [BlockMaker.Operation]) throws -> UInt64 {
        let stored = try connection.first("SELECT value FROM setting WHERE name = 'warp'") {
            row throws(SQLiteError) in try row.text(0)
        }
        var warp = stored.flatMap(UInt64.init) ?? 0
        for case .administrator(.warp(let milliseconds)) in operations {
            warp = warp.addingReportingOverflow(milliseconds).partialValue
            try connection.execute("UPDATE setting SET value = ? WHERE name = 'warp'", String(warp))
        }
        return warp
    }
}
