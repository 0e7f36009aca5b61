import Foundation
import Hosting
import Testing

@testable import Node

@Suite("Node configuration")
struct NodeConfigurationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../..")

    @Test("the example says what the defaults are, and is right with every member switched on")
    func example() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("packaging/zos.toml"), encoding: .utf8)
        _ = try NodeConfiguration(toml: text)
        // "#member" is a member that is switched off, "# text" is text.
        let lines = text.split(separator: "\n").map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
        let all = try NodeConfiguration(toml: lines.joined(separator: "\n"))
        let defaults = NodeConfiguration()
        #expect(all.network == defaults.network)
        #expect(all.folders.state == defaults.folders.state)
        #expect(all.folders.run == defaults.folders.run)
        #expect(all.logLevel == defaults.logLevel)
        #expect(all.listen == defaults.listen)
        #expect(all.farm == defaults.farm)
        #expect(all.memoryReserve == defaults.memoryReserve)
        #expect(all.poolSize == defaults.poolSize)
        #expect(all.nameservers == defaults.nameservers)
        #expect(all.allowsRootCompanions == defaults.allowsRootCompanions)
        #expect(all.allowsUnsafeSandbox == defaults.allowsUnsafeSandbox)
        #expect(all.exits.keys.sorted() == ["node", "public"])
    }

    @Test(
        "the ledger answers as a chain where it is told to, on the loopback device unless an address is given",
        arguments: [
            ("9944", "127.0.0.1"), ("127.0.0.1:9944", "127.0.0.1"), ("[::1]:9944", "::1"),
            ("10.0.0.5:9944", "10.0.0.5"),
        ])
    func ledgerRPC(text: String, host: String) throws {
        #expect(try NodeConfiguration(toml: "").ledgerRPC == nil)
        let configuration = try NodeConfiguration(toml: "[ledger]\nrpc = \"\(text)\"")
        #expect(configuration.ledgerRPC == .address(host: host, port: 9944))
    }

    @Test("without an entry no companion is allowed; the example has entries for the plugins that come with the node")
    func companions() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("packaging/zos.toml"), encoding: .utf8)
        let example = try NodeConfiguration(toml: text).companions
        var count = 0
        for name in ["network", "zmount", "publicip", "zmachine"] {
            let file = Self.root.appendingPathComponent("Plugins/\(name)/plugin.json")
            let manifest = try Manifest(parsing: Array(Data(contentsOf: file)))
            #expect(throws: Never.self) { try example.check(manifest, publisher: "anybody") }
            count += manifest.companions.count
            guard !manifest.companions.isEmpty else { continue }
            #expect(throws: HostingError.self) {
                try NodeConfiguration().companions.check(manifest, publisher: "anybody")
            }
        }
        // No more than that: an entry of a companion that no plugin has is forgotten, not wanted.
        #expect(example.entries.count == count)
    }

    @Test(
        "what is wrong is refused and named",
        arguments: [
            ("networks = 1", "networks"), ("network = \"mainnet\"", "mainnet"), ("log_level = \"loud\"", "loud"),
            ("farm = -1", "farm"), ("farm = 4294967296", "farm"), ("roots = [1]", "roots"), ("listen = 8051", "listen"),
            ("administrators = [\"me\"]", "administrators"), ("unsafe_sandbox = \"no\"", "unsafe_sandbox"),
            ("root_companions = 0", "root_companions"), ("ledger = { rpc = \"here\" }", "ledger.rpc"),
            ("ledger = { rpc = \"[::1]:x\" }", "ledger.rpc"), ("ledger = { rpcs = \"1\" }", "rpcs"),
            ("companions = 1", "companions"),
            ("[companions]\n\"a/b\" = { user = \"root\" }", "user"), ("peers = { x = \"10.0.0.1:1\" }", "peers"),
            ("memory_reserve = -5", "memory_reserve"),
            ("chain = [\"http://x\"]", "chain"), ("relays = [\"wss://\"]", "relays"),
            ("relays = [\"a_b=ws://c\"]", "relays"), ("relays = [\"name\"]", "relays"),
            ("relays = [\"ws://a\", \"ws://b\", \"ws://c\", \"ws://d\", \"ws://e\"]", "relays"),
            ("identity_check = \"kyc\"", "identity_check"), ("activation = \"x\"", "activation"), ("= 3", "TOML"),
        ])
    func refusals(text: String, word: String) {
        let error = #expect(throws: NodeError.self) { try NodeConfiguration(toml: text) }
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains(word) == true)
    }

    @Test("a network is one word, and each of its endpoints can be replaced")
    func network() throws {
        let plain = try NodeConfiguration(toml: "network = \"qa\"")
        #expect(plain.chainEndpoints == ["wss://tfchain.qa.grid.tf/", "wss://tfchain.02.qa.grid.tf/"])
        #expect(plain.relayEndpoints.map(\.name) == ["relay.qa.grid.tf"])
        #expect(try plain.identityService() == nil, "off unless switched on")
        #expect(!plain.isFarmGiven)
        let own = try NodeConfiguration(
            toml: """
                network = "qa"
                chain = ["ws://10.0.0.1:9944"]
                relays = ["wss://one.example:8443/", "two.example=ws://10.0.0.2:8088"]
                activation = []
                identity_check = true
                farm = 7
                """)
        #expect(own.chainEndpoints == ["ws://10.0.0.1:9944"])
        #expect(own.relayEndpoints.map(\.name) == ["one.example", "two.example"])
        #expect(own.relayEndpoints.map(\.address.description) == ["wss://one.example:8443/", "ws://10.0.0.2:8088/"])
        #expect(own.activationServices.isEmpty)
        #expect(try own.identityService() == "https://kyc.qa.grid.tf")
        #expect(own.isFarmGiven)
        let other = try NodeConfiguration(toml: "identity_check = \"https://kyc.example\"")
        #expect(try other.identityService() == "https://kyc.example")
        #expect(throws: NodeError.self) { try NodeConfiguration(toml: "identity_check = true").identityService() }
    }

    @Test("an identity belongs to one network for good, and only its owner can read it")
    func identity() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zos-identity-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try NodeIdentity(folder: folder, network: .embedded)
        let again = try NodeIdentity(folder: folder, network: .embedded)
        #expect(first.keys.publicKey == again.keys.publicKey)
        let other = #expect(throws: NodeError.self) { try NodeIdentity(folder: folder, network: .production) }
        #expect(other?.code == .otherNetwork)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/mnemonic")
        #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o077 } == 0)
        chmod(folder + "/mnemonic", 0o640)
        let open = #expect(throws: NodeError.self) { try NodeIdentity(folder: folder, network: .embedded) }
        #expect(open?.code == .badIdentity)
    }
}
