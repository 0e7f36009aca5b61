import Contracts
import JSON
import Logging

/// The ledger that the configuration chooses, with what runs beside it.
struct NodeLedger: Sendable {
    let ledger: any Ledger
    private let embedded: EmbeddedLedger?
    private let servers: [LedgerSocketServer]
    private let log: Logger

    /// Opens the ledger. Throws `.unsupported` for a network whose client is not part of this version.
    init(configuration: NodeConfiguration, log: Logger) throws {
        self.log = log
        guard configuration.network == .embedded else {
            throw NodeError(
                .unsupported,
                "this version cannot talk to the chain of the network '\(configuration.network.rawValue)' yet",
                hint: "set network = \"embedded\"")
        }
        let folders = configuration.folders
        let genesis: LedgerGenesis? = try SecretFile.read(folders.state + "/genesis.json").map { text in
            try JSONValue(parsing: text).decode(LedgerGenesis.self)
        }
        let made = try EmbeddedLedger(path: folders.ledger, genesis: genesis)
        embedded = made
        ledger = made
        servers = [
            try LedgerSocketServer(ledger: made, path: folders.ledgerSocket, face: .users, logger: log),
            try LedgerSocketServer(ledger: made, path: folders.adminSocket, face: .administrator, logger: log),
        ]
    }

    /// Makes blocks and serves the sockets until the task is cancelled.
    func run() async {
        guard let embedded else { return }
        let log = log
        await withDiscardingTaskGroup { group in
            group.addTask {
                do {
                    try await embedded.run()
                } catch is CancellationError {
                } catch {
                    log.error("the ledger makes no more blocks", metadata: ["error": "\(error)"])
                }
            }
            for server in servers { group.addTask { await server.run() } }
        }
    }
}
