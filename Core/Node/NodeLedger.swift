import Chain
import Contracts
import JSON
import Logging

/// The ledger that the configuration chooses, with what runs beside it.
struct NodeLedger: Sendable {
    let ledger: any Ledger
    /// What must run for the ledger to answer, from the first question on.
    private let works: [@Sendable () async throws -> Void]
    /// What serves others, once the node runs.
    private let services: [@Sendable () async -> Void]
    private let log: Logger

    /// Opens the ledger, or makes ready to connect to the chain. Throws `.badConfiguration`, or whatever hinders the ledger.
    init(configuration: NodeConfiguration, log: Logger) async throws {
        self.log = log
        let folders = configuration.folders
        let isElsewhere = configuration.ledgerSocket != nil || !configuration.chainEndpoints.isEmpty
        guard !isElsewhere || configuration.ledgerRPC == nil else {
            throw NodeError(
                .badConfiguration, "'ledger.rpc' shows a ledger of this node's own, and this node has none",
                hint: "set it at the node that keeps the ledger")
        }
        if let socket = configuration.ledgerSocket {
            ledger = RemoteLedger(path: socket)
            (works, services) = ([], [])
            return
        }
        if !configuration.chainEndpoints.isEmpty {
            var settings = ChainSettings()
            // The chain that the node is registered on is the only one that it believes from then on.
            settings.genesis = try RegistrationRecord.read(folders.registration)?.genesis
            let chain = try NodeLedger.chain(configuration.chainEndpoints, settings, log)
            ledger = chain
            works = [{ await chain.run() }]
            services = []
            return
        }
        let genesis: LedgerGenesis? = try SecretFile.read(folders.state + "/genesis.json").map { text in
            try JSONValue(parsing: text).decode(LedgerGenesis.self)
        }
        // A ledger that begins with nothing: the node registers itself, with a farm of its own.
        let made = try EmbeddedLedger(path: folders.ledger, genesis: genesis ?? LedgerGenesis())
        let users = try LedgerSocketServer(ledger: made, path: folders.ledgerSocket, face: .users, logger: log)
        let administrator = try LedgerSocketServer(
            ledger: made, path: folders.adminSocket, face: .administrator, logger: log)
        ledger = made
        works = [{ try await made.run() }]
        let face = try await NodeLedger.face(of: made, at: configuration.ledgerRPC, log)
        services = [{ await users.run() }, { await administrator.run() }] + (face.map { [$0] } ?? [])
    }

    /// The ledger as a chain, where the configuration wants it.
    private static func face(
        of ledger: EmbeddedLedger, at place: RPCAddress?, _ log: Logger
    ) async throws(NodeError) -> (@Sendable () async -> Void)? {
        let socket: ChainFace.Place
        switch place {
        case nil: return nil
        case .address(let host, let port): socket = .address(host: host, port: port)
        case .descriptor(let descriptor): socket = .descriptor(descriptor)
        }
        do {
            let face = try await ChainFace(ledger: ledger, at: socket, version: NodeVersion.text, log: log)
            return {
                do {
                    try await face.run()
                } catch {
                    log.error("the ledger answers as a chain no more", metadata: ["error": "\(error)"])
                }
            }
        } catch {
            throw NodeError(
                .badConfiguration, "the ledger cannot answer as a chain: \(error)",
                hint: "give 'ledger.rpc' an address of this machine with a free port")
        }
    }

    private static func chain(
        _ endpoints: [String], _ settings: ChainSettings, _ log: Logger
    ) throws(NodeError) -> ChainLedger {
        do {
            return try ChainLedger(endpoints: endpoints, settings: settings, log: log)
        } catch {
            throw NodeError(
                .badConfiguration, error.message, hint: "set chain to a list of ws:// or wss:// addresses")
        }
    }

    /// Lets the ledger work while `body` runs, before anything else does. Nobody else is served yet.
    func working<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for work in works { group.addTask { try await work() } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Works and serves until the task is cancelled.
    func run() async {
        let log = log
        await withDiscardingTaskGroup { group in
            for work in works {
                group.addTask {
                    do {
                        try await work()
                    } catch is CancellationError {
                    } catch {
                        log.error("the ledger works no more", metadata: ["error": "\(error)"])
                    }
                }
            }
            for service in services { group.addTask { await service() } }
        }
    }
}
