import Signatures
import TestLedger
import Testing

@testable import Contracts

/// docs/spec/ledger.md sections 3 and 8: fees, prices and what follows from them.
@Suite("Ledger billing")
struct LedgerBillingTests {
    private func with(
        _ settings: LedgerSettings, balance: UInt64, _ body: @Sendable (EmbeddedLedger, KeyPair) async throws -> Void
    ) async throws {
        let folder = try Folder()
        var genesis = try LedgerFixture.genesis(settings)
        let key = try LedgerFixture.key("user")
        genesis.accounts = try ["user", "node"].map {
            .init(AccountID(try LedgerFixture.key($0).publicKey), balance: balance)
        }
        try await body(try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: genesis), key)
    }

    @Test("a failed call costs its fee, a call without funds is refused, and reports that succeed are free")
    func fees() async throws {
        var settings = LedgerFixture.onDemand
        settings.fee = 10
        try await with(settings, balance: 25) { ledger, key in
            let account = AccountID(key.publicKey)
            await #expect(throws: CallFailure.self) {
                try await ledger.submit(.cancelContract(contract: 9), by: key)
            }
            #expect(try await ledger.account(account, at: .best) == LedgerAccount(nonce: 1, free: 15))
            _ = try await ledger.submit(.createNameContract(name: "abc"), by: key)
            let failure = await #expect(throws: CallFailure.self) {
                try await ledger.submit(.createNameContract(name: "abcd"), by: key)
            }
            guard case .refused(let refusal) = failure else {
                Issue.record("a call without funds must be refused")
                return
            }
            #expect(refusal.code == .payment)
            #expect(try await ledger.account(account, at: .best) == LedgerAccount(nonce: 2, free: 5))
            let node = try LedgerFixture.key("node")
            _ = try await ledger.submit(.changePowerState(isUp: false), by: node)
            #expect(try await ledger.account(AccountID(node.publicKey), at: .best) == LedgerAccount(nonce: 1, free: 25))
        }
    }

    @Test("with a price, each hour is billed until the balance is not more than what is due; then grace starts")
    func prices() async throws {
        var settings = LedgerFixture.onDemand
        settings.hourlyPrice = 10
        settings.graceBlocks = 3
        try await with(settings, balance: 25) { ledger, key in
            let contract = try #require(
                try await ledger.submit(.createNameContract(name: "abc"), by: key).contract)
            func bill() async throws -> [LedgerEvent] {
                try await ledger.administrate(.bill).events.map { event in
                    guard case .contractBilled(let id, _, let amount) = event else { return event }
                    return .contractBilled(contract: id, timestamp: 0, amount: amount)
                }
            }
            let billed = LedgerEvent.contractBilled(contract: contract.id, timestamp: 0, amount: 10)
            #expect(try await bill() == [billed])
            #expect(try await bill() == [billed])
            let started = try await ledger.administrate(.bill)
            let start = UInt64(started.block.number)
            #expect(
                started.events == [
                    .contractGracePeriodStarted(contract: contract.id, node: 0, twin: 3, block: start)
                ])
            #expect(try await bill().isEmpty)
            #expect(try await bill().isEmpty)
            // What was there is taken when the contract goes.
            let last = LedgerEvent.contractBilled(contract: contract.id, timestamp: 0, amount: 5)
            #expect(try await bill() == [last, .nameContractCanceled(contract: contract.id)])
            #expect(try await ledger.account(AccountID(key.publicKey), at: .best).free == 0)
        }
    }

    @Test("grace of a rent contract gives all node contracts its block, whoever owns them and whatever they were")
    func cascade() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"))
            _ = try await fixture.administrate(.setDedicated(farm: 1, isDedicated: true))
            let rent = try #require(
                try await fixture.ledger.submit(
                    .createRentContract(node: 1, solutionProvider: nil), by: fixture.other
                ).contract)
            _ = try await fixture.administrate(.startGrace(contract: contract.id))
            let started = try await fixture.administrate(.startGrace(contract: rent.id))
            let block = UInt64(started.block.number)
            #expect(
                started.events == [
                    .contractGracePeriodStarted(contract: rent.id, node: 1, twin: 4, block: block),
                    .contractGracePeriodStarted(contract: contract.id, node: 1, twin: 3, block: block),
                ])
            #expect(try await fixture.ledger.contract(contract.id, at: .best)?.state == .gracePeriod(block: block))
            let ended = try await fixture.administrate(.endGrace(contract: rent.id)).events
            #expect(
                ended == [
                    .contractGracePeriodEnded(contract: rent.id, node: 1, twin: 4),
                    .contractGracePeriodEnded(contract: contract.id, node: 1, twin: 3),
                ])
        }
    }
}
