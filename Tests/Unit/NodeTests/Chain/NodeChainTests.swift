import Contracts
import Foundation
import Logging
import Signatures
import Testing

@testable import Node

@Suite("A node on a ledger of its own")
struct NodeChainTests {
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("an embedded ledger needs no hand-written genesis: the node that finds itself unknown registers itself")
    func empty() async throws {
        var configuration = NodeConfiguration()
        let folder = "/tmp/zo-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        configuration.folders = StateFolder(state: folder, run: folder + "/run")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lock = try configuration.folders.prepare()
        // Only the time between blocks, so that nobody waits for it.
        try SecretFile.write(
            #"{"settings": {"production": {"every": {"milliseconds": 20}}}}"#, to: folder + "/genesis.json")
        let key = try NodeIdentity(folder: configuration.folders.identity, network: .embedded).keys
        for _ in 1...2 {
            let ledger = try await NodeLedger(configuration: configuration, log: log)
            let chain = NodeChain(configuration: configuration, ledger: ledger.ledger, key: key, log: log)
            let record = try await ledger.working { try await chain.registrar.start() }
            #expect(record.twin == 1 && record.node == 1 && record.farm == 1)
            let node = try #require(try await ledger.ledger.node(1, at: .best))
            #expect(node.registration.resources.cru == MachineFigures().cores)
            #expect(node.registration.resources.mru >= 2 << 30)
            #expect(try await ledger.ledger.farm(1, at: .best)?.name == "local")
        }
        withExtendedLifetime(lock) {}
    }
}
