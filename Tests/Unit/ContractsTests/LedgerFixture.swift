import Foundation
import Logging
import Signatures
import Testing

@testable import Contracts

/// The two faces of the embedded ledger that this suite runs against.
enum Face: CaseIterable, Sendable {
    case inProcess, socket
}

/// A folder of one test, removed when the test lets go of it.
final class Folder: Sendable {
    let path: String
    init() throws {
        // Short: the path of a socket has at most 107 bytes.
        path = "/tmp/zl-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A ledger with twins farmer 1, node 2, user 3 and other 4, farm 1 with three addresses, and node 1.
struct LedgerFixture: Sendable {
    let ledger: any Ledger
    let embedded: EmbeddedLedger
    let administrate: @Sendable (AdministratorCall) async throws -> CallReceipt
    let farmer: KeyPair
    let node: KeyPair
    let user: KeyPair
    let other: KeyPair
    let folder: Folder

    static func key(_ name: String) throws -> KeyPair {
        try KeyPair(secretURI: "//\(name)", scheme: name == "user" ? .ed25519 : .sr25519)
    }

    static let hardware = Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)

    static func genesis(_ settings: LedgerSettings) throws -> LedgerGenesis {
        let ips = (10...12).map { PublicIP(ip: "198.51.100.\($0)/24", gateway: "198.51.100.1") }
        return LedgerGenesis(
            settings: settings,
            twins: try ["farmer", "node", "user", "other"].map { .init(AccountID(try key($0).publicKey)) },
            farms: [.init(twin: 1, name: "first", ips: ips)],
            nodes: [.init(twin: 2, registration: NodeRegistration(farm: 1, resources: hardware))])
    }

    static var onDemand: LedgerSettings {
        var settings = LedgerSettings()
        settings.production = .onDemand
        return settings
    }

    /// Runs `body` with a ledger behind `face` and stops everything afterwards.
    static func with(
        _ face: Face, settings: LedgerSettings = onDemand, _ body: @Sendable (LedgerFixture) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let embedded = try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: genesis(settings))
        func fixture(
            _ ledger: any Ledger, _ administrate: @escaping @Sendable (AdministratorCall) async throws -> CallReceipt
        ) throws -> LedgerFixture {
            LedgerFixture(
                ledger: ledger, embedded: embedded, administrate: administrate, farmer: try key("farmer"),
                node: try key("node"), user: try key("user"), other: try key("other"), folder: folder)
        }
        switch face {
        case .inProcess: try await body(try fixture(embedded) { try await embedded.administrate($0) })
        case .socket:
            let logger = Logger(label: "test")
            let users = try LedgerSocketServer(ledger: embedded, path: folder.path + "/l", logger: logger)
            let administrator = try LedgerSocketServer(
                ledger: embedded, path: folder.path + "/a", face: .administrator, logger: logger)
            let remoteAdministrator = RemoteLedger(path: folder.path + "/a")
            let remote = try fixture(RemoteLedger(path: folder.path + "/l")) {
                try await remoteAdministrator.administrate($0)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await users.run() }
                group.addTask { await administrator.run() }
                defer { group.cancelAll() }
                try await body(remote)
            }
        }
    }

    func hash(_ character: Character) -> ContractHash {
        ContractHash(text: String(repeating: character, count: 32)) ?? ContractHash(zero: ())
    }

    /// The contract that a call made.
    func contract(
        _ hash: ContractHash, node: UInt32 = 1, ips: UInt32 = 0, by key: KeyPair? = nil
    ) async throws -> Contract {
        let receipt = try await ledger.submit(
            .createNodeContract(node: node, hash: hash, data: HexBytes([]), publicIPs: ips, solutionProvider: nil),
            by: key ?? user)
        return try #require(receipt.contract)
    }

    /// Expects a call to fail with the chain's name of an error.
    func expect(
        _ name: String, _ call: LedgerCall, by key: KeyPair, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let failure = await #expect(throws: CallFailure.self, sourceLocation: sourceLocation) {
            _ = try await ledger.submit(call, by: key)
        }
        #expect(failure?.errorName == name, sourceLocation: sourceLocation)
    }
}

extension ContractHash {
    /// Only for the impossible branch of a test.
    fileprivate init(zero: ()) {
        self = ContractHash(bytes: [UInt8](repeating: 0, count: 32)) ?? ContractHash(zero: ())
    }
}
