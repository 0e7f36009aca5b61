import JSON
import SQLite
import Signatures
import TestLedger
import Testing

@testable import Contracts

/// docs/spec/ledger.md section 2.
@Suite("Ledger archive")
struct LedgerArchiveTests {
    @Test("a block's hash is that of its header, and the header commits to parent, state and body")
    func headers() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let ledger = fixture.embedded
            _ = try await fixture.contract(fixture.hash("a"))
            _ = try await fixture.administrate(.tick)
            var parent = try await ledger.genesisHash()
            for number: UInt32 in 1...2 {
                let header = try #require(try await ledger.header(number))
                #expect(header.parent == parent)
                #expect(header.number == number)
                guard case .block(let block) = try await ledger.block(number) else {
                    Issue.record("block \(number) is missing")
                    return
                }
                #expect(header.hash == block.reference.hash)
                #expect(header.extrinsicsRoot == (try BlockExtrinsic.root(of: try await ledger.body(number))))
                #expect(try await ledger.number(ofBlock: header.hash) == number)
                parent = header.hash
            }
            let genesis = try #require(try await ledger.header(0))
            #expect(genesis.stateRoot == (try await ledger.genesisHash()))
            #expect(try await ledger.header(3) == nil)
            #expect(try await ledger.number(ofBlock: HexBytes([UInt8](repeating: 7, count: 32))) == nil)
        }
    }

    @Test(
        "a header's number is written as the compact integer of SCALE",
        arguments: [
            (0, [0]), (63, [252]), (64, [1, 1]), (16_383, [253, 255]), (16_384, [2, 0, 1, 0]),
            (1 << 30, [3, 0, 0, 0, 64]),
        ] as [(UInt32, [UInt8])])
    func compactNumber(number: UInt32, expected: [UInt8]) {
        let zero = HexBytes([UInt8](repeating: 0, count: 32))
        let header = LedgerHeader(parent: zero, number: number, stateRoot: zero, extrinsicsRoot: zero)
        #expect(header.hash.bytes == Sodium.blake2b(zero.bytes + expected + zero.bytes + zero.bytes + [0]))
    }

    @Test("a body lists the time, the calls and the ledger's own billing by the indices of the events")
    func body() async throws {
        var settings = LedgerFixture.onDemand
        settings.billingBlocks = 2
        settings.graceBlocks = 0
        try await LedgerFixture.with(.inProcess, settings: settings) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"))
            let started = try await fixture.administrate(.startGrace(contract: contract.id))
            let body = try await fixture.embedded.body(2)
            #expect(
                body == [
                    .time(milliseconds: started.block.time), .administrator(.startGrace(contract: contract.id)),
                    .administrator(.bill),
                ])
            guard case .block(let block) = try await fixture.embedded.block(2) else {
                Issue.record("block 2 is missing")
                return
            }
            let billed = block.events.filter { $0.extrinsic == 2 }.map(\.event)
            #expect(billed.contains(.nodeContractCanceled(contract: contract.id, node: 1, twin: 3)))
            #expect(billed.last == .extrinsicSuccess)
            #expect(block.events.first == EventRecord(extrinsic: 0, event: .extrinsicSuccess))
            guard case .signed(let call)? = try await fixture.embedded.body(1).last else {
                Issue.record("block 1 has no call")
                return
            }
            #expect(call.account == AccountID(fixture.user.publicKey))
        }
    }

    @Test("keys are listed as they were at a block, without those that were removed")
    func keys() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let ledger = fixture.embedded
            let first = try await fixture.contract(fixture.hash("a"))
            let second = try await fixture.contract(fixture.hash("b"))
            _ = try await fixture.ledger.submit(.cancelContract(contract: first.id), by: fixture.user)
            let both: Set<LedgerKey> = [.contract(first.id), .contract(second.id)]
            #expect(Set(try await ledger.keys(of: .contract, at: 2)) == both)
            #expect(try await ledger.keys(of: .contract, at: 3) == [.contract(second.id)])
            #expect(try await ledger.keys(of: .contractByHash, at: 3) == [.contractByHash(1, fixture.hash("b"))])
            #expect(try await ledger.keys(of: .twin, at: 0).count == 4)
            #expect(try await ledger.keys(of: .twinByAccount, at: 0).count == 4)
            #expect(try await ledger.keys(of: .farmByName, at: 0) == [.farmByName("first")])
            #expect(try await ledger.keys(of: .billing, at: 3) == [.billing(second.id)])
            #expect(try await ledger.keys(of: .lock, at: 3) == [.lock(second.id)])
            #expect(try await ledger.value(.resources(second.id), at: 3) == Resources())
            let gone: ContractBilling? = try await ledger.value(.billing(first.id), at: 3)
            #expect(gone == nil)
        }
    }

    @Test("a ledger of the version before bodies were kept is opened and goes on")
    func olderFile() async throws {
        let folder = try Folder()
        let path = folder.path + "/ledger.db"
        do {
            let connection = try Connection(path: path)
            try Migration.bring(connection, to: Array(LedgerState.migrations.prefix(1)), path: path)
            let genesis = try LedgerFixture.genesis(LedgerFixture.onDemand)
            try connection.transaction { connection in
                try BlockMaker.makeGenesis(connection, time: 1_000) { try genesis.apply(to: $0, time: 1_000) }
                try connection.execute(
                    "INSERT INTO setting (name, value) VALUES ('settings', ?), ('warp', '0')",
                    try JSONValue(encoding: LedgerFixture.onDemand).text)
                try LedgerState(connection: connection, block: 1).set(
                    .terms(AccountID(try LedgerFixture.key("user").publicKey)), true)
                try connection.execute(
                    "INSERT INTO block (number, hash, parent, time, state) VALUES (1, ?, ?, 2000, ?)",
                    [UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32),
                    [UInt8](repeating: 3, count: 32))
            }
        }
        let ledger = try EmbeddedLedger(path: path)
        #expect(try await ledger.body(1).isEmpty)
        #expect(try await ledger.header(1)?.extrinsicsRoot.bytes == [UInt8](repeating: 0, count: 32))
        let terms: TermsAcceptance? = try await ledger.value(
            .terms(AccountID(LedgerFixture.key("user").publicKey)), at: 1)
        #expect(terms != nil)
        #expect(try await ledger.administrate(.tick).block.number == 2)
        #expect(try await ledger.header(2)?.parent.bytes == [UInt8](repeating: 1, count: 32))
    }
}
