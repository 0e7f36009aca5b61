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

    @Test("is the chain at the configured endpoints, whose genesis is remembered and binding from then on")
    func chain() async throws {
        try await Self.with { folder, embedded, port async throws in
            let configuration = Self.configuration(folder, ["ws://127.0.0.1:\(port)"])
            let genesis = try await embedded.genesisHash()
            let file = ChainGenesis(path: configuration.folders.chainGenesis)
            let first = try NodeLedger(configuration: configuration, log: Self.log)
            try await first.working { () async throws in
                #expect(try await first.ledger.genesisHash() == genesis)
                #expect(try await first.ledger.head(.finalised) == embedded.head(.finalised))
                while try file.known() == nil { try await Task.sleep(for: .milliseconds(5)) }
            }
            #expect(try file.known() == genesis)
            try SecretFile.write(String(repeating: "ab", count: 32), to: file.path)
            let second = try NodeLedger(configuration: configuration, log: Self.log)
            try await second.working { () async throws in
                await #expect(throws: LedgerUnavailable.self) { try await second.ledger.head(.finalised) }
            }
        }
    }

    @Test("refuses endpoints and a remembered genesis that are none, naming them")
    func refusing() async throws {
        try await Self.with { folder, _, port async throws in
            let bad = #expect(throws: NodeError.self) {
                try NodeLedger(configuration: Self.configuration(folder, ["http://chain"]), log: Self.log)
            }
            #expect(bad?.code == .badConfiguration && bad?.message.contains("http://chain") == true)
            let configuration = Self.configuration(folder, ["ws://127.0.0.1:\(port)"])
            try SecretFile.write("nonsense", to: configuration.folders.chainGenesis)
            let broken = #expect(throws: NodeError.self) {
                try NodeLedger(configuration: configuration, log: Self.log)
            }
            #expect(broken?.code == .unusable && broken?.message.contains(configuration.folders.chainGenesis) == true)
        }
    }
}
