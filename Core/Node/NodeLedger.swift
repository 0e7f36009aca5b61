import Contracts
import Glibc
import JSON
import Logging

/// The ledger that the configuration chooses, with what runs beside it.
struct NodeLedger: Sendable {
    let ledger: any Ledger
    private let embedded: EmbeddedLedger?
    private let servers: [LedgerSocketServer]
    private let log: Logger

    /// Opens the ledger. Throws `.unsupported` for a network whose client is not part of this version.
    init(configuration: NodeConfiguration, account: AccountID, log: Logger) throws {
        self.log = log
        try NodeLedger.check(configuration.network)
        let folders = configuration.folders
        let genesis: LedgerGenesis? = try SecretFile.read(folders.state + "/genesis.json").map { text in
            try JSONValue(parsing: text).decode(LedgerGenesis.self)
        }
        guard genesis != nil || access(folders.ledger, F_OK) == 0 else {
            throw NodeError(
                .registration, "there is no ledger yet, and no genesis to begin one with",
                hint: "write \(folders.state)/genesis.json with a twin and a node for this node's account \(account) "
                    + "(docs/configuration.md), or start a development node with `zos up`")
        }
        let made = try EmbeddedLedger(path: folders.ledger, genesis: genesis)
        embedded = made
        ledger = made
        servers = [
            try LedgerSocketServer(ledger: made, path: folders.ledgerSocket, face: .users, logger: log),
            try LedgerSocketServer(ledger: made, path: folders.adminSocket, face: .administrator, logger: log),
        ]
    }

    /// Throws `.unsupported` for a network whose client is not part of this version. Asked before anything is made for it.
    static func check(_ network: NetworkPreset) throws(NodeError) {
        guard network == .embedded else {
            throw NodeError(
                .unsupported, "this version cannot talk to the chain of the network '\(network.rawValue)' yet",
                hint: "set network = \"embedded\"")
        }
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
