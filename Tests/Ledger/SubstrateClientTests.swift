import Chain
import Contracts
import Foundation
import Logging
import Signatures
import TestChain
import TestLedger
import Testing

/// docs/spec/ledger.md section 1: "so can any general Substrate client". The client is the Python package
/// substrate-interface, unmodified; `scripts/python-setup` installs it.
@Suite("Substrate client")
struct SubstrateClientTests {
    /// The repository, from the place of this file.
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func seed(_ byte: UInt8) -> String { "0x" + Hex.encode([UInt8](repeating: byte, count: 32)) }

    private static func genesis(_ settings: LedgerSettings) throws -> LedgerGenesis {
        var genesis = try LedgerFixture.genesis(settings)
        let keys = [
            try LedgerFixture.key("farmer"), try LedgerFixture.key("node"),
            try KeyPair(secretURI: seed(1), scheme: .ed25519), try KeyPair(secretURI: seed(2), scheme: .sr25519),
        ]
        genesis.twins = keys.map { .init(AccountID($0.publicKey)) }
        return genesis
    }

    @Test(
        "the Python package substrate-interface reads the ledger and submits extrinsics with both key types",
        arguments: [LedgerSettings.Production.onDemand, .every(milliseconds: 100)])
    func substrateInterface(production: LedgerSettings.Production) async throws {
        let python = Self.root.appendingPathComponent("build/python/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python),
            "there is no \(python): run scripts/python-setup, as make test does")
        var settings = LedgerSettings()
        settings.production = production
        // However long the client takes between two questions about the same block.
        settings.keptStates = 100_000
        settings.keptEvents = 100_000
        let folder = try Folder()
        let ledger = try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: Self.genesis(settings))
        let face = try await ChainFace(
            ledger: ledger, at: .loopback(port: 0), version: "test", log: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await face.run() }
            group.addTask { try await ledger.run() }
            defer { group.cancelAll() }
            let told = try await Self.run(
                python,
                [
                    Self.root.appendingPathComponent("Tests/Ledger/Python/client.py").path,
                    "ws://127.0.0.1:\(face.port)", Self.seed(1), Self.seed(2),
                ])
            #expect(told.status == 0, "\(told.output)")
        }
        // Two contracts of each account were made, one of each cancelled; a name each.
        #expect(try await ledger.activeContracts(ofNode: 1, at: .finalised).count == 2)
        let name =
            try "by-" + Hex.encode(Array(KeyPair(secretURI: Self.seed(2), scheme: .sr25519).publicKey.bytes.prefix(4)))
        #expect(try await ledger.contractID(name: name, at: .finalised) != nil)
    }

    /// Runs a program to its end; it is ended if it takes longer than two minutes.
    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        return try await withThrowingTaskGroup(of: (Int32, String)?.self) { group in
            let ended = Ended()
            process.terminationHandler = { ended.tell($0.terminationStatus) }
            try process.run()
            group.addTask {
                // Read first: a full pipe would hold the program up.
                let output = await withCheckedContinuation { continuation in
                    DispatchQueue.global().async {
                        continuation.resume(returning: pipe.fileHandleForReading.readDataToEndOfFile())
                    }
                }
                return (await ended.status(), String(decoding: output, as: UTF8.self))
            }
            group.addTask {
                try await Task.sleep(for: .seconds(120))
                process.terminate()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            return (-1, "")
        }
    }
}

/// The end of a process, for one waiter.
private final class Ended: Sendable {
    private let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func tell(_ status: Int32) {
        continuation.yield(status)
        continuation.finish()
    }

    func status() async -> Int32 {
        for await status in stream { return status }
        return -1
    }
}
