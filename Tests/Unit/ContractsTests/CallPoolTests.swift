import Signatures
import TestLedger
import Testing

@testable import Contracts

/// docs/spec/ledger.md section 3, with a block time: calls wait, and what waits counts.
@Suite("Call pool")
struct CallPoolTests {
    /// A ledger that makes blocks when the test runs it, which is not before `run` is called.
    private func ledger(_ folder: Folder, fee: UInt64 = 0, balance: UInt64 = 0) throws -> EmbeddedLedger {
        var settings = LedgerSettings()
        settings.production = .every(milliseconds: 10)
        settings.fee = fee
        var genesis = try LedgerFixture.genesis(settings)
        genesis.accounts = [.init(AccountID(try LedgerFixture.key("user").publicKey), balance: balance)]
        return try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: genesis)
    }

    private func call(_ name: String, nonce: UInt32, _ ledger: EmbeddedLedger) async throws -> SignedCall {
        try SignedCall(
            .createNameContract(name: name), nonce: nonce, genesis: try await ledger.genesisHash(),
            key: LedgerFixture.key("user"))
    }

    private func refusal(_ call: SignedCall, _ ledger: EmbeddedLedger) async throws -> CallRefusal.Code? {
        do {
            _ = try await ledger.enqueue(call)
            return nil
        } catch CallFailure.refused(let refusal) {
            return refusal.code
        }
    }

    @Test("calls that wait count for the nonce, and a repeated or skipped one is refused at once")
    func waitingCallsCount() async throws {
        let folder = try Folder()
        let ledger = try ledger(folder)
        let account = AccountID(try LedgerFixture.key("user").publicKey)
        let first = try await ledger.enqueue(call("one", nonce: 0, ledger))
        #expect(try await ledger.nextNonce(of: account) == 1)
        #expect(try await ledger.account(account, at: .best).nonce == 0)
        #expect(try await refusal(call("again", nonce: 0, ledger), ledger) == .outdated)
        #expect(try await refusal(call("far", nonce: 2, ledger), ledger) == .future)
        let second = try await ledger.enqueue(call("two", nonce: 1, ledger))
        #expect(try await ledger.nextNonce(of: account) == 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.run() }
            let receipts = [try await first.outcome().get(), try await second.outcome().get()]
            #expect(receipts.map(\.extrinsic) == [1, 2])
            #expect(receipts[0].block == receipts[1].block)
            group.cancelAll()
        }
        #expect(try await ledger.nextNonce(of: account) == 2)
        #expect(try await ledger.account(account, at: .best).nonce == 2)
    }

    @Test("what waiting calls cost is not spent twice")
    func waitingFeesCount() async throws {
        let folder = try Folder()
        let ledger = try ledger(folder, fee: 10, balance: 15)
        _ = try await ledger.enqueue(call("one", nonce: 0, ledger))
        #expect(try await refusal(call("two", nonce: 1, ledger), ledger) == .payment)
    }

    @Test("a call that is let go of is applied all the same")
    func abandonedCall() async throws {
        let folder = try Folder()
        let ledger = try ledger(folder)
        _ = try await ledger.enqueue(call("kept", nonce: 0, ledger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.run() }
            _ = try await ledger.waitForBlock(after: 0, patience: .seconds(60))
            group.cancelAll()
        }
        #expect(try await ledger.contractID(name: "kept", at: .best) == 1)
    }
}
