import Contracts
import Glibc
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

    /// Opens the ledger. Throws `.unsupported` for a network whose client is not part of this version.
    init(configuration: NodeConfiguration, log: Logger) throws {
        self.log = log
        try NodeLedger.check(configuration.network)
        let folders = configuration.folders
        if let socket = configuration.ledgerSocket {
            ledger = RemoteLedger(path: socket)
            (works, services) = ([], [])
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
        services = [{ await users.run() }, { await administrator.run() }]
    }

    /// Throws `.unsupported` for a network whose client is not part of this version. Asked before anything is made for it.
    static func check(_ network: NetworkPreset) throws(NodeError) {
        guard network == .embedded else {
            throw NodeError(
                .unsupported, "this version cannot talk to the chain of the network '\(network.rawValue)' yet",
                hint: "set network = \"embedded\"")
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
