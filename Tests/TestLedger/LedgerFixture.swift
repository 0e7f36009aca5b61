import Contracts
import Signatures
import Testing

/// A ledger with twins farmer 1, node 2, user 3 and other 4, farm 1 with three addresses, and node 1.
package struct LedgerFixture: Sendable {
    package let view: Face.View
    package let embedded: EmbeddedLedger
    package let farmer: KeyPair
    package let node: KeyPair
    package let user: KeyPair
    package let other: KeyPair
    package let folder: Folder

    package var ledger: any Ledger { view.ledger }

    package func administrate(_ call: AdministratorCall) async throws -> CallReceipt {
        try await view.administrate(call)
    }

    package static func key(_ name: String) throws -> KeyPair {
        try KeyPair(secretURI: "//\(name)", scheme: name == "user" ? .ed25519 : .sr25519)
    }

    package static let hardware = Resources(sru: 200 << 30, cru: 4, mru: 8 << 30)

    package static func genesis(_ settings: LedgerSettings) throws -> LedgerGenesis {
        let ips = (10...12).map { PublicIP(ip: "198.51.100.\($0)/24", gateway: "198.51.100.1") }
        return LedgerGenesis(
            settings: settings,
            twins: try ["farmer", "node", "user", "other"].map { .init(AccountID(try key($0).publicKey)) },
            farms: [.init(twin: 1, name: "first", ips: ips)],
            nodes: [.init(twin: 2, registration: NodeRegistration(farm: 1, resources: hardware))])
    }

    package static var onDemand: LedgerSettings {
        var settings = LedgerSettings()
        settings.production = .onDemand
        return settings
    }

    /// Runs `body` with a ledger behind `face` and stops everything afterwards.
    package static func with(
        _ face: Face, settings: LedgerSettings = onDemand, _ body: @Sendable (LedgerFixture) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let embedded = try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: genesis(settings))
        try await face.open(embedded, folder) { view in
            try await body(
                LedgerFixture(
                    view: view, embedded: embedded, farmer: try key("farmer"), node: try key("node"),
                    user: try key("user"), other: try key("other"), folder: folder))
        }
    }

    package func hash(_ character: Character) -> ContractHash {
        ContractHash(text: String(repeating: character, count: 32)) ?? ContractHash(zero: ())
    }

    /// The contract that a call made.
    package func contract(
        _ hash: ContractHash, node: UInt32 = 1, ips: UInt32 = 0, by key: KeyPair? = nil
    ) async throws -> Contract {
        let receipt = try await ledger.submit(
            .createNodeContract(node: node, hash: hash, data: HexBytes([]), publicIPs: ips, solutionProvider: nil),
            by: key ?? user)
        return try #require(receipt.contract)
    }

    /// Expects a call to fail with the chain's name of an error.
    package func expect(
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
