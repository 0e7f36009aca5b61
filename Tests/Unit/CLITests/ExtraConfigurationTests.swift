import Foundation
import Node
import Testing

@testable import CLI

@Suite("Extra configuration")
struct ExtraConfigurationTests {
    @Test(
        "members are told from tables, which have to come last",
        arguments: [
            ("", [""], []), ("a = 1\n[b]\nc = 2", ["a = 1"], ["[b]", "c = 2"]), ("[b]", [], ["[b]"]),
            ("a = 1\n  [b]", ["a = 1"], ["  [b]"]), ("a = 1\nb = 2", ["a = 1", "b = 2"], []),
        ] as [(String, [String], [String])])
    func parts(text: String, members: [String], tables: [String]) {
        let extra = ExtraConfiguration(text: text)
        #expect(extra.members == members)
        #expect(extra.tables == tables)
    }

    @Test("a node that joins another has no genesis of its own, and names the other's ledger before all tables")
    func joining() throws {
        let scratch = "/tmp/zos-join-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let folder = DevelopmentFolder(path: scratch)
        var wishes = DevelopmentFolder.Wishes()
        wishes.ledger = "/first/run/ledger.sock"
        wishes.extra = ExtraConfiguration(text: "relays = []\n[yggdrasil]\nenabled = true")
        try folder.prepare(wishes)
        #expect(!FileManager.default.fileExists(atPath: folder.genesis))
        let text = try String(contentsOfFile: folder.configuration, encoding: .utf8)
        let configuration = try NodeConfiguration(toml: text)
        #expect(configuration.ledgerSocket == "/first/run/ledger.sock")
        #expect(configuration.overlay != nil)
        let node = DevelopmentNode(
            rmb: "r", ledger: "/first/run/ledger.sock", admin: "a", node: 2, nodeID: 1, farm: 1, users: [],
            namespaces: "n")
        let second = node.neighbour(twin: 4, node: 2, rmb: "s", namespaces: "m", process: 7)
        #expect(second.node == 4 && second.nodeID == 2 && second.ledger == node.ledger && second.rmb == "s")
    }
}
