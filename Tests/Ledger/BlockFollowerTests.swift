import Contracts
import TestChain
import TestLedger
import Testing

/// docs/spec/ledger.md section 10, case 9.
@Suite("Block follower", .timeLimit(.minutes(5)))
struct BlockFollowerTests {
    @Test("a follower that was away gets every block once and in order", arguments: Face.all)
    func inOrder(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            for character in "abc" { _ = try await fixture.contract(fixture.hash(character)) }
            var seen: [UInt32] = []
            var created: [UInt64] = []
            for try await step in fixture.ledger.blocks(after: 0) {
                guard case .block(let block) = step else { continue }
                seen.append(block.reference.number)
                for case .contractCreated(let contract) in block.events.map(\.event) { created.append(contract.id) }
                if seen.count == 3 { _ = try await fixture.contract(fixture.hash("d")) }
                if seen.count == 4 { break }
            }
            #expect(seen == [1, 2, 3, 4])
            #expect(created == [1, 2, 3, 4])
        }
    }

    @Test("a waiting follower hears of the next block", arguments: Face.all)
    func waiting(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            async let next = fixture.ledger.waitForBlock(after: 0, patience: .seconds(20))
            _ = try await fixture.administrate(.tick)
            #expect(try await next.number == 1)
        }
    }

    @Test("beyond the kept blocks a follower is told that they are pruned", arguments: Face.all)
    func pruned(face: Face) async throws {
        var settings = LedgerFixture.onDemand
        settings.keptEvents = 3
        settings.keptStates = 3
        try await LedgerFixture.with(face, settings: settings) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"))
            for _ in 0..<69 { _ = try await fixture.administrate(.tick) }
            // A face that is told of heads may be further behind than so few blocks are kept: then it cannot say.
            while (try? await fixture.ledger.waitForBlock(after: 69, patience: .seconds(10)).number) != 70 {
                try Task.checkCancellation()
            }
            var follower = fixture.ledger.blocks(after: 0).makeAsyncIterator()
            #expect(try await follower.next() == .pruned(through: 67))
            guard case .block(let block) = try await follower.next() else {
                Issue.record("block 68 should be kept")
                return
            }
            #expect(block.reference.number == 68)
            let error = await #expect(throws: LedgerUnavailable.self) {
                _ = try await fixture.ledger.contract(contract.id, at: .block(number: 5))
            }
            #expect(error?.reason == .pruned)
            #expect(try await fixture.ledger.contract(contract.id, at: .best)?.id == contract.id)
        }
    }
}
