import Chain
import Contracts
import Foundation
import Logging
import Testing

@testable import Node

@Suite("A node's ledger", .timeLimit(.minutes(5)))
struct NodeLedgerTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A ledger that answers as a chain, with a folder beside it.
    private static func with(_ body: @Sendable (String, EmbeddedLedger, Int) async throws -> Void) async throws {
        let folder = "/tmp/zg-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = LedgerSettings()
        settings.production = .onDemand
        let embedded = try EmbeddedLedger(
            path: folder + "/other.db", genesis: LedgerGenesis(settings: settings))
        let face = try await ChainFace(ledger: embedded, at: .loopback(port: 0), version: "test", log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await face.run() }
            defer { group.cancelAll() }
            try await body(folder, embedded, face.port)
        }
    }

    private static func configuration(_ folder: String, _ endpoints: [String]) -> NodeConfiguration {
        var configuration = NodeConfiguration()
        configuration.network = .development
        configuration.folders = StateFolder(state: folder, run: folder)
        configuration.chain = endpoints
        return configuration
    }

    @Test("is the chain at the configured endpoints; the one that the node is registered on is binding")
    func chain() async throws {
        try await Self.with { folder, embedded, port async throws in
            let configuration = Self.configuration(folder, ["ws://127.0.0.1:\(port)"])
            let genesis = try await embedded.genesisHash()
            let first = try await NodeLedger(configuration: configuration, log: Self.log)
            try await first.working { () async throws in
                #expect(try await first.ledger.genesisHash() == genesis)
                #expect(try await first.ledger.head(.finalised) == embedded.head(.finalised))
            }
            for (registered, isTheSame) in [(genesis, true), (HexBytes([UInt8](repeating: 7, count: 32)), false)] {
                try RegistrationRecord(genesis: registered, twin: 1, node: 1, farm: 1).write(
                    to: configuration.folders.registration)
                let later = try await NodeLedger(configuration: configuration, log: Self.log)
                try await later.working { () async throws in
                    let head = try? await later.ledger.head(.finalised)
                    #expect((head != nil) == isTheSame)
                }
            }
        }
    }

    @Test("refuses endpoints that are none, naming them")
    func refusing() async throws {
        let bad = await #expect(throws: NodeError.self) {
            try await NodeLedger(configuration: Self.configuration("/tmp", ["http://chain"]), log: Self.log)
        }
        #expect(bad?.code == .badConfiguration && bad?.message.contains("http://chain") == true)
    }
}
