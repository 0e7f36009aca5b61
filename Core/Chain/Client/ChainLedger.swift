import Contracts
import Logging
import Substrate
import WebSockets

/// A tfchain as the ledger (docs/spec/tfchain.md). `run` holds the connection; what is asked before it stands, or while
/// it is lost, waits a little and is *unavailable* then, never *absent*.
///
/// Finalised reads never go back: an endpoint that is behind what another one showed as final is waited for.
public final class ChainLedger: Sendable {
    let pool: EndpointPool
    let blocks: BlockReader
    let lanes = AccountLanes()
    let settings: ChainSettings
    let log: Logger

    /// Nothing is connected yet.
    ///
    /// - Parameters:
    ///   - endpoints: tried in this order, round and round.
    ///   - clock: milliseconds since 1970.
    public init(
        ordered endpoints: [WebSocketAddress], settings: ChainSettings = ChainSettings(),
        clock: @escaping @Sendable () -> UInt64 = EmbeddedLedger.systemTime, log: Logger
    ) throws(WebSocketError) {
        guard !endpoints.isEmpty else { throw WebSocketError(.badAddress, "a chain needs at least one endpoint") }
        self.settings = settings
        self.log = log
        pool = EndpointPool(endpoints, settings: settings, now: clock, log: log)
        blocks = BlockReader(pool: pool, log: log)
    }

    /// For the endpoints of a configuration, in an order of its own for each process, so that nodes spread over them.
    /// - Throws: `badAddress` that quotes what is no `ws://` or `wss://` address.
    public convenience init(
        endpoints: [String], settings: ChainSettings = ChainSettings(), log: Logger
    ) throws(WebSocketError) {
        var addresses: [WebSocketAddress] = []
        for text in endpoints {
            let address = try WebSocketAddress(text)
            if !addresses.contains(address) { addresses.append(address) }
        }
        try self.init(ordered: addresses.shuffled(), settings: settings, log: log)
    }

    /// Connects and stays connected until the task is cancelled.
    public func run() async { await pool.run() }

    /// Another list of endpoints, from the next reconnect on; a healthy connection is kept.
    public func replaceEndpoints(_ endpoints: [WebSocketAddress]) { pool.replaceEndpoints(endpoints) }

    /// For a first connection, which may have to pass over endpoints that are down.
    private static let firstPatience = Duration.seconds(20)

    /// Runs `body` with a ledger whose connection is held as long. It begins when the connection stands, or after 20 s
    /// without one: then its first question tells what is wrong.
    public static func with<Value: Sendable>(
        endpoints: [String], settings: ChainSettings = ChainSettings(), log: Logger,
        _ body: (ChainLedger) async throws -> Value
    ) async throws -> Value {
        let ledger = try ChainLedger(endpoints: endpoints, settings: settings, log: log)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ledger.run() }
            defer { group.cancelAll() }
            await ledger.pool.waitForConnection(patience: firstPatience)
            return try await body(ledger)
        }
    }
}
