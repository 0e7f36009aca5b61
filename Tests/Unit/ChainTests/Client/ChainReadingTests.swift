import Contracts
import ScriptedChain
import Substrate
import Testing

@testable import Chain

@Suite("Chain ledger: reading", .timeLimit(.minutes(5)))
struct ChainReadingTests {
    @Test("value, absent and default are told apart")
    func outcomes() async throws {
        let chain = try FakeChain()
        let twin = try FakeChain.twin(3)
        try chain.grow(values: [
            ("TfgridModule", "Twins", [.number(UInt32(3))], twin.tree),
            ("TfgridModule", "TwinIdByAccountID", [twin.account.tree], .number(UInt32(3))),
            ("SmartContractModule", "Contracts", [.number(UInt64(5))], try FakeChain.contract(5).tree),
            ("SmartContractModule", "ActiveNodeContracts", [.number(UInt32(7))], .list([.number(UInt64(5))])),
        ])
        let contract = try FakeChain.contract(5)
        try await FakeEndpoint.with([try await FakeEndpoint(chain)]) { ledger async throws in
            for point in [ReadPoint.best, .finalised, .block(number: 1)] {
                #expect(try await ledger.twin(3, at: point) == twin)
                #expect(try await ledger.twin(4, at: point) == nil)
                #expect(try await ledger.twinID(of: twin.account, at: point) == 3)
                #expect(try await ledger.contract(5, at: point) == contract)
                #expect(try await ledger.activeContracts(ofNode: 7, at: point) == [5])
                #expect(try await ledger.activeContracts(ofNode: 8, at: point).isEmpty)
                #expect(try await ledger.contractID(name: "x", at: point) == nil)
                #expect(try await ledger.power(ofNode: 7, at: point) == NodePower())
                #expect(try await ledger.resources(ofContract: 5, at: point) == Resources())
                #expect(try await ledger.account(twin.account, at: point) == LedgerAccount())
                #expect(try await ledger.versionText(at: point).isEmpty)
                #expect(try await ledger.head(point).number == 1)
            }
            #expect(try await ledger.contract(5, at: .block(number: 0)) == nil)
            #expect(try await ledger.genesisHash().bytes == chain.genesis)
            await #expect(throws: LedgerUnavailable.self) { try await ledger.twin(3, at: .block(number: 2)) }
        }
    }

    @Test("best and finalised are two heads")
    func heads() async throws {
        let chain = try FakeChain()
        chain.leaveUnfinalised(2)
        for id in 1...5 as ClosedRange<UInt64> {
            try chain.grow(values: [
                ("SmartContractModule", "Contracts", [.number(id)], try FakeChain.contract(id).tree)
            ])
        }
        try await FakeEndpoint.with([try await FakeEndpoint(chain)]) { ledger async throws in
            #expect(try await ledger.head(.best).number == 5)
            #expect(try await ledger.head(.finalised).number == 3)
            #expect(try await ledger.contract(5, at: .best) != nil)
            #expect(try await ledger.contract(5, at: .finalised) == nil)
            #expect(try await ledger.block(4) == .notYet)
            chain.leaveUnfinalised(0)
            #expect(try await ledger.waitForBlock(after: 4, patience: .seconds(60)).number == 5)
            #expect(try await ledger.contract(5, at: .finalised) != nil)
        }
    }

    @Test("every finalised block comes once and in order, also when heads skip numbers")
    func skippedHeads() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.announcesEvery = 10 }
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...100 as ClosedRange<UInt64> {
                        try chain.grow([
                            EventRecord(
                                extrinsic: 1, event: .nodeContractCanceled(contract: number, node: 7, twin: 3))
                        ])
                        if number % 7 == 0 { await Task.yield() }
                    }
                }
                var expected: UInt64 = 1
                for try await step in ledger.blocks(after: 0) {
                    guard case .block(let block) = step else {
                        Issue.record("\(step)")
                        break
                    }
                    #expect(UInt64(block.reference.number) == expected)
                    #expect(
                        block.events == [
                            EventRecord(
                                extrinsic: 1, event: .nodeContractCanceled(contract: expected, node: 7, twin: 3))
                        ])
                    #expect(block.parent.bytes == chain.block(UInt32(expected) - 1)?.hash)
                    expected += 1
                    if expected > 100 { break }
                }
                try await group.waitForAll()
            }
        }
        // Read ahead: far less questions than blocks would be asked one by one.
        #expect(endpoint.count("state_queryStorageAt") >= 100)
        #expect(endpoint.count("state_getRuntimeVersion") < 60)
    }

    @Test("news before the answer that names their subscription do not disturb")
    func earlyNews() async throws {
        let chain = try FakeChain()
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.newsComeFirst = true }
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            _ = try await ledger.head(.finalised)
            try chain.grow(by: 3)
            #expect(try await ledger.waitForBlock(after: 2, patience: .seconds(60)).number == 3)
        }
    }
}
