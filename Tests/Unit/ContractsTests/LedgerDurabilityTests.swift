import Foundation
import Signatures
import TestLedger
import Testing

@testable import Contracts

@Suite("Ledger durability")
struct LedgerDurabilityTests {
    @Test("a ledger killed while it writes keeps every block it told of and goes on with the next number")
    func killedWriter() async throws {
        let folder = try Folder()
        let path = folder.path
        #expect(FileManager.default.createFile(atPath: path + "/told", contents: nil))
        let exit = await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let ledger = try EmbeddedLedger(
                path: path + "/ledger.db", genesis: LedgerFixture.genesis(LedgerFixture.onDemand))
            let told = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/told"))
            await withTaskGroup(of: Void.self) { group in
                for account in ["farmer", "node", "user", "other"] {
                    group.addTask {
                        for number in 0... {
                            let call = LedgerCall.createNameContract(name: "\(account)-\(number)")
                            guard let key = try? LedgerFixture.key(account),
                                let receipt = try? await ledger.submit(call, by: key)
                            else { return }
                            try? told.write(contentsOf: Data("\(receipt.block.number) \(account)-\(number)\n".utf8))
                            // In the middle of what the other three are writing.
                            if receipt.block.number >= 60 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        #expect(exit != nil)
        let lines = try String(contentsOfFile: path + "/told", encoding: .utf8).split(separator: "\n")
        let told = lines.compactMap { line -> (UInt32, String)? in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let number = UInt32(parts[0]) else { return nil }
            return (number, String(parts[1]))
        }
        let last = try #require(told.map(\.0).max())
        let ledger = try EmbeddedLedger(path: path + "/ledger.db")
        let head = try await ledger.head(.finalised).number
        #expect(head >= last)
        for (_, name) in told { #expect(try await ledger.contractID(name: name, at: .best) != nil) }
        var created = 0
        for number in 1...head {
            guard case .block(let block) = try await ledger.block(number) else {
                Issue.record("block \(number) is missing")
                continue
            }
            created += block.events.filter { if case .contractCreated = $0.event { true } else { false } }.count
        }
        let receipt = try await ledger.submit(.createNameContract(name: "after-it"), by: LedgerFixture.key("user"))
        #expect(receipt.block.number == head + 1)
        #expect(receipt.contract?.id == UInt64(created + 1))
    }

    @Test("a restart keeps everything, and a genesis that breaks a rule leaves no ledger")
    func restart() async throws {
        let folder = try Folder()
        let path = folder.path + "/ledger.db"
        let genesis = try LedgerFixture.genesis(LedgerFixture.onDemand)
        let hash: HexBytes
        do {
            let first = try EmbeddedLedger(path: path, genesis: genesis)
            hash = try await first.genesisHash()
            _ = try await first.submit(.createNameContract(name: "kept"), by: LedgerFixture.key("user"))
            _ = try await first.administrate(.warp(milliseconds: 3_600_000))
        }
        let second = try EmbeddedLedger(path: path)
        #expect(try await second.genesisHash() == hash)
        #expect(second.settings == genesis.settings)
        #expect(try await second.contractID(name: "kept", at: .best) == 1)
        let ahead = try await second.administrate(.tick).block.time
        #expect(ahead >= EmbeddedLedger.systemTime() + 3_500_000)

        var broken = genesis
        broken.farms?.append(LedgerGenesis.Farm(twin: 1, name: "first"))
        let other = folder.path + "/other.db"
        #expect(throws: LedgerError.grid("FarmExists")) { try EmbeddedLedger(path: other, genesis: broken) }
        #expect(throws: (any Error).self) { try EmbeddedLedger(path: other) }
        _ = try EmbeddedLedger(path: other, genesis: genesis)
    }

    @Test("with a block time, calls wait for the next block, and a stopped ledger is unavailable")
    func blockTime() async throws {
        let folder = try Folder()
        var settings = LedgerSettings()
        settings.production = .every(milliseconds: 20)
        let ledger = try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: LedgerFixture.genesis(settings))
        let key = try LedgerFixture.key("user")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.run() }
            let receipt = try await ledger.submit(.createNameContract(name: "served"), by: key)
            #expect(receipt.block.number >= 1)
            _ = try await ledger.waitForBlock(after: receipt.block.number, patience: .seconds(20))
            group.cancelAll()
        }
        let failure = await #expect(throws: CallFailure.self) {
            try await ledger.submit(.createNameContract(name: "late"), by: key)
        }
        guard case .unavailable = failure else {
            Issue.record("a ledger that was stopped must be unavailable")
            return
        }
    }
}
