import Contracts
import Foundation
import Logging
import RMB
import Signatures
import Testing

@testable import Node

@Suite("Messages of a node")
struct NodeMessagesTests {
    private func withMessages(_ toml: String, _ body: (NodeMessages, CachedTwinDirectory) async throws -> Void)
        async throws
    {
        let state = "/tmp/zm-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: state + "/identity", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: state) }
        let configuration = try NodeConfiguration(toml: toml + "\nstate = \"\(state)\"\n")
        let directory = CachedTwinDirectory(NoTwins())
        let messages = try NodeMessages(
            configuration: configuration,
            identity: NodeIdentity(folder: state + "/identity", network: configuration.network), twin: 3,
            directory: directory, router: Router(), log: Logger(label: "test"))
        try await body(messages, directory)
    }

    @Test("a node on a ledger of its own has no relays unless it names some, one on a network has the network's")
    func relays() async throws {
        try await withMessages("") { messages, _ in #expect(messages.peer == nil) }
        try await withMessages("relays = [\"a.lan=ws://127.0.0.1:1\"]") { messages, _ in #expect(messages.peer != nil) }
        try await withMessages("network = \"testing\"") { messages, _ in #expect(messages.peer != nil) }
        try await withMessages("network = \"testing\"\nrelays = []") { messages, _ in #expect(messages.peer == nil) }
    }

    @Test("what the ledger tells of a twin replaces what was remembered, a gap empties the memory")
    func news() async throws {
        try await withMessages("") { _, directory in
            let news = TwinNews(directory: directory)
            let key = KeyPair.generate(scheme: .ed25519).publicKey
            await news.changed(Twin(id: 7, account: AccountID(key), relay: "a_b", pk: HexBytes([1])))
            let record = TwinRecord(key: key, relay: "a_b", encryptionKey: [1])
            #expect(await directory.record(of: 7, freshness: .remembered) == .found(record))
            #expect(record.relays == ["a", "b"])
            await news.missedEvents()
            #expect(await directory.record(of: 7, freshness: .remembered) == .absent)
        }
    }

    @Test("the encryption key grows from the node's seed and stays the same")
    func encryption() throws {
        let folder = "/tmp/zm-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try NodeIdentity(folder: folder, network: .embedded)
        #expect(first.encryption.publicKey.count == 33)
        #expect(try NodeIdentity(folder: folder, network: .embedded).encryption.publicKey == first.encryption.publicKey)
    }

    private struct NoTwins: TwinDirectory {
        func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup { .absent }
    }
}
