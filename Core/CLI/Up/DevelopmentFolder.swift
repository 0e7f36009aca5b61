import Contracts
import Foundation
import JSON
import Node
import Signatures

/// The state folder of a development node: identity, users, genesis and configuration, made once and kept.
struct DevelopmentFolder: Sendable {
    /// What `zos up` was asked for.
    struct Wishes: Sendable {
        var roots: [String] = []
        var poolSize: UInt64 = 0
        var memoryReserve: UInt64?
        /// Milliseconds between blocks.
        var blockTime: UInt64 = 250
        var unsafeFaults = false
        var unsafeTrace = false
        /// Socket of another node's ledger, instead of one of its own.
        var ledger: String?
        var extra = ExtraConfiguration(text: "")
        /// Entries of the policy for companions: what the plugins that are installed declare.
        var companions: [String] = []
    }

    static let farmer = "farmer"
    static let user = "user"
    private static let blockRange = 10...13
    private static let leastStorage: UInt64 = 100 << 30
    private static let leastMemory: UInt64 = 2 << 30

    let path: String
    var run: String { path + "/run" }
    var configuration: String { path + "/zos.toml" }
    var genesis: String { path + "/genesis.json" }
    var log: String { path + "/node.log" }
    var namespaces: String { path + "/netns" }
    var packages: String { path + "/packages" }
    var publisher: String { path + "/publisher.key" }
    private var secrets: String { path + "/users" }
    var folders: StateFolder { StateFolder(state: path, run: run) }

    func secret(of name: String) -> String { "\(secrets)/\(name).secret" }

    /// Makes what is missing. The configuration is written anew each time, the rest is kept.
    func prepare(_ wishes: Wishes) throws {
        for folder in [path, run, secrets, folders.identity, packages] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        // Plugins and companions, which are other users, must be able to pass through.
        chmod(path, 0o711)
        for folder in [secrets, folders.identity, packages] { chmod(folder, 0o700) }
        let node = try NodeIdentity(folder: folders.identity, network: .embedded).keys
        let farmer = try key(of: Self.farmer)
        let user = try key(of: Self.user)
        if wishes.ledger == nil, try SecretFile.read(genesis) == nil {
            let text = try JSONValue(encoding: makeGenesis(farmer: farmer, node: node, user: user, wishes)).text
            try SecretFile.write(text, to: genesis)
        }
        try Data(toml(wishes).utf8).write(to: URL(fileURLWithPath: configuration), options: .atomic)
    }

    /// The node's own account.
    func account() throws -> AccountID {
        AccountID(try NodeIdentity(folder: folders.identity, network: .embedded).keys.publicKey)
    }

    /// The key of a user, made if there is none.
    func key(of name: String) throws -> KeyPair {
        let file = secret(of: name)
        if let text = try SecretFile.read(file) { return try KeyPair(secretURI: text, scheme: .ed25519) }
        let text = Mnemonic.random().withPhrase { $0 }
        try SecretFile.write(text, to: file)
        return try KeyPair(secretURI: text, scheme: .ed25519)
    }

    private func makeGenesis(
        farmer: KeyPair, node: KeyPair, user: KeyPair, _ wishes: Wishes
    ) -> LedgerGenesis {
        var settings = LedgerSettings()
        settings.production = .every(milliseconds: wishes.blockTime)
        let machine = MachineFigures()
        let storage = wishes.poolSize > 0 ? wishes.poolSize : MachineFigures.storage(at: path).size
        let resources = Resources(
            sru: max(storage, Self.leastStorage), cru: machine.cores, mru: max(machine.memory, Self.leastMemory))
        let ips = Self.blockRange.map {
            PublicIP(ip: "198.51.100.\($0)/24", gateway: DevelopmentNetwork.publicGateways[0])
        }
        return LedgerGenesis(
            settings: settings, twins: [farmer, node, user].map { .init(AccountID($0.publicKey)) },
            farms: [.init(twin: 1, name: "development", ips: ips)],
            nodes: [
                .init(twin: 2, registration: NodeRegistration(farm: 1, resources: resources, isVirtualized: true))
            ])
    }

    /// Twins, node and farm as the genesis numbers them.
    func describe(rmb: String, process: Int32, chain: String? = nil) -> DevelopmentNode {
        DevelopmentNode(
            rmb: rmb, ledger: folders.ledgerSocket, admin: folders.adminSocket, node: 2, nodeID: 1, farm: 1,
            users: [
                .init(name: Self.user, twin: 3, secret: secret(of: Self.user)),
                .init(name: Self.farmer, twin: 1, secret: secret(of: Self.farmer)),
            ], namespaces: namespaces, process: process, chain: chain)
    }

    private func toml(_ wishes: Wishes) -> String {
        func list(_ texts: [String]) -> String {
            // JSON's texts are texts of TOML too.
            "[" + texts.map { JSONValue.string($0).text }.joined(separator: ", ") + "]"
        }
        var lines = [
            "# Written by 'zos up'.", #"network = "embedded""#, "farm = 1", "administrators = [1]",
            "roots = \(list(wishes.roots))",
            // Whoever develops has their servers near.
            "images = { private_addresses = true }",
        ]
        if let ledger = wishes.ledger { lines.append("ledger_socket = \(JSONValue.string(ledger).text)") }
        lines += wishes.extra.members
        if wishes.poolSize > 0 { lines.append("pool_size = \(wishes.poolSize)") }
        if let reserve = wishes.memoryReserve { lines.append("memory_reserve = \(reserve)") }
        if wishes.unsafeTrace { lines.append("unsafe_trace_plugins = true") }
        if wishes.unsafeFaults { lines.append("unsafe_faults = true") }
        lines += [
            "[exits.public]", "bridge = \"\(DevelopmentNetwork.publicBridge)\"",
            "addresses = \(list(DevelopmentNetwork.publicRanges))",
            "gateways = \(list(DevelopmentNetwork.publicGateways))",
            "[exits.node]", "bridge = \"\(DevelopmentNetwork.nodeBridge)\"",
            "addresses = \(list([DevelopmentNetwork.nodeRange]))",
            "gateways = \(list([DevelopmentNetwork.nodeGateway]))",
            "[public]", #"type = "macvlan""#, #"ipv4 = "\#(DevelopmentNetwork.nodeAddress)/24""#,
            #"ipv6 = "2001:db8:1::2/64""#, #"gw4 = "198.51.100.1""#, #"gw6 = "2001:db8:1::1""#, #"domain = """#,
            // What is being developed may run any program that does nothing but compute.
            "[companions]", #""*/*" = { programs = ["/*"], networks = ["empty", "slot"], mounts = ["/*"] }"#,
        ]
        lines += wishes.companions + wishes.extra.tables
        return lines.joined(separator: "\n") + "\n"
    }
}
