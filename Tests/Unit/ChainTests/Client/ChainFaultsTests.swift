import Contracts
import Logging
import ScriptedChain
import Signatures
import Substrate
import Testing

@testable import Chain

/// What endpoints do wrong. In every case the right answer comes from elsewhere, or *unavailable*: never *absent*.
@Suite("Chain ledger: faults", .timeLimit(.minutes(5)))
struct ChainFaultsTests {
    /// A chain with contract 5 in block 1.
    private func chain(seed: String = "main") throws -> FakeChain {
        let chain = try FakeChain(seed: seed)
        try chain.grow(values: [
            ("SmartContractModule", "Contracts", [.number(UInt64(5))], try FakeChain.contract(5).tree)
        ])
        return chain
    }

    private func impatient(_ change: (inout ChainSettings) -> Void = { _ in }) -> ChainSettings {
        var settings = FakeEndpoint.quick
        settings.retryFor = .milliseconds(300)
        change(&settings)
        return settings
    }

    @Test("endpoint gone: the next one answers; when all are gone it is unavailable, and back when one is back")
    func gone() async throws {
        let chain = try chain()
        let (first, second) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        try await FakeEndpoint.with([first, second]) { ledger async throws in
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(first.count("state_getStorage") > 0 && second.asked.withLock { $0.isEmpty })
            first.change { $0.isGone = true }
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(second.count("state_getStorage") > 0)
            #expect(try await ledger.contract(6, at: .finalised) == nil)
        }
        for endpoint in [first, second] { endpoint.change { $0.isGone = true } }
        let (third, fourth) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        for endpoint in [third, fourth] { endpoint.change { $0.isGone = true } }
        try await FakeEndpoint.with([third, fourth], settings: impatient()) { ledger async throws in
            let error = await #expect(throws: LedgerUnavailable.self) { try await ledger.contract(5, at: .best) }
            #expect(error?.reason == .unreachable)
            fourth.change { $0.isGone = false }
            #expect(try await eventually { try await ledger.contract(5, at: .best) } != nil)
        }
    }

    @Test("endpoint slow: what it does not answer in time, the next one does")
    func slow() async throws {
        let chain = try chain()
        let (slow, quick) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        var settings = FakeEndpoint.quick
        settings.answerTimeout = .seconds(1)
        try await FakeEndpoint.with([slow, quick], settings: settings) { ledger async throws in
            _ = try await ledger.head(.finalised)
            slow.change { $0.deaf = ["state_getStorage"] }
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(slow.count("state_getStorage") > 1 && quick.count("state_getStorage") > 0)
        }
    }

    @Test("endpoint that answers nothing at all is left within the deadline of one answer")
    func deaf() async throws {
        let chain = try chain()
        let (deaf, quick) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        deaf.change { $0.deaf = ["chain_getBlockHash"] }
        var settings = FakeEndpoint.quick
        settings.answerTimeout = .seconds(1)
        try await FakeEndpoint.with([deaf, quick], settings: settings) { ledger async throws in
            #expect(try await ledger.contract(5, at: .finalised) != nil)
        }
    }

    @Test("endpoint lying about the genesis is never asked for anything else")
    func otherGenesis() async throws {
        let chain = try chain()
        let stranger = try FakeChain(seed: "stranger")
        let (good, liar) = (try await FakeEndpoint(chain), try await FakeEndpoint(stranger))
        try await FakeEndpoint.with([good, liar], settings: impatient()) { ledger async throws in
            #expect(try await eventually { try await ledger.contract(5, at: .finalised) } != nil)
            good.change { $0.isGone = true }
            await #expect(throws: LedgerUnavailable.self) { try await ledger.contract(5, at: .finalised) }
            #expect(try await ledger.genesisHash().bytes == chain.genesis)
            good.change { $0.isGone = false }
            #expect(try await eventually { try await ledger.contract(5, at: .finalised) } != nil)
            #expect(liar.count("chain_getBlockHash") > 0)
            #expect(liar.count("state_getStorage") == 0 && liar.count("state_getMetadata") == 0)
        }
        // A genesis that is known from before counts from the first connection on.
        let alone = try await FakeEndpoint(stranger)
        let settings = impatient { $0.genesis = HexBytes(chain.genesis) }
        try await FakeEndpoint.with([alone], settings: settings) { ledger async throws in
            await #expect(throws: LedgerUnavailable.self) { try await ledger.contract(5, at: .finalised) }
        }
    }

    @Test("pruned blocks are skipped once, together, and told of")
    func pruned() async throws {
        let chain = try chain()
        try chain.grow(by: 80)
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.prunedBelow = 50 }
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            #expect(try await ledger.block(10) == .pruned)
            var steps: [BlockFollower.Step] = []
            for try await step in ledger.blocks(after: 3) {
                steps.append(step)
                if case .block(let block) = step, block.reference.number == 81 { break }
            }
            // The first kept block is decoded with the runtime of its parent, which nobody keeps.
            #expect(steps.first == .pruned(through: 50))
            #expect(steps.count == 1 + 31)
            let error = await #expect(throws: LedgerUnavailable.self) {
                try await ledger.contract(5, at: .block(number: 10))
            }
            #expect(error?.reason == .pruned)
            #expect(try await ledger.contract(5, at: .finalised) != nil)
        }
    }

    @Test("dropped sockets cost no answer and no block")
    func dropped() async throws {
        let chain = try chain()
        let (first, second) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        for endpoint in [first, second] { endpoint.change { $0.dropsAfter = 15 } }
        try await FakeEndpoint.with([first, second]) { ledger async throws in
            for _ in 0..<40 {
                #expect(try await ledger.contract(5, at: .finalised) != nil)
                #expect(try await ledger.contract(6, at: .best) == nil)
            }
            #expect(first.count("chain_getFinalizedHead") > 2)
            for endpoint in [first, second] { endpoint.change { $0.dropsAfter = 60 } }
            try chain.grow(by: 60)
            var next: UInt32 = 1
            for try await step in ledger.blocks(after: 0) {
                guard case .block(let block) = step else {
                    Issue.record("\(step)")
                    break
                }
                #expect(block.reference.number == next)
                next += 1
                if next > 61 { break }
            }
        }
    }

    @Test("endpoint whose time is stale is refused; if all are, the clock is the suspect and the freshest is taken")
    func stale() async throws {
        let chain = try chain()
        let (stale, fresh) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        stale.change { $0.behind = 13_000 }
        fresh.change { $0.behind = 11_000 }
        try await FakeEndpoint.with([stale, fresh]) { ledger async throws in
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(stale.count("chain_subscribeFinalizedHeads") == 0)
            #expect(fresh.count("chain_subscribeFinalizedHeads") == 1)
        }
        let (older, newer) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        older.change { $0.behind = 7_200_000 }
        newer.change { $0.behind = 7_100_000 }
        try await FakeEndpoint.with([older, newer]) { ledger async throws in
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(older.count("chain_subscribeFinalizedHeads") == 0)
            #expect(newer.count("chain_subscribeFinalizedHeads") == 1)
        }
    }

    @Test("endpoint that tells of no new head is left")
    func silent() async throws {
        let chain = try chain()
        let (silent, talking) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        silent.change { $0.hidesHeads = true }
        var settings = FakeEndpoint.quick
        settings.headSilence = .seconds(1)
        try await FakeEndpoint.with([silent, talking], settings: settings) { ledger async throws in
            _ = try await ledger.head(.finalised)
            try chain.grow(by: 4)
            #expect(try await ledger.waitForBlock(after: 4, patience: .seconds(120)).number == 5)
            #expect(talking.count("chain_subscribeFinalizedHeads") > 0)
        }
    }

    @Test("what was final once stays final: an endpoint that is behind is waited for")
    func behind() async throws {
        let chain = try chain()
        try chain.grow(by: 3)
        try chain.grow(values: [("SmartContractModule", "Contracts", [.number(UInt64(5))], nil)])
        let (first, second) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        second.change { $0.knowsUntil = 3 }
        try await FakeEndpoint.with([first, second]) { ledger async throws in
            #expect(try await ledger.head(.finalised).number == 5)
            #expect(try await ledger.contract(5, at: .finalised) == nil)
            first.change { $0.isGone = true }
            async let later = ledger.contract(5, at: .finalised)
            while second.count("chain_subscribeFinalizedHeads") == 0 { try await Task.sleep(for: .milliseconds(5)) }
            second.change { $0.knowsUntil = .max }
            #expect(try await later == nil)
            #expect(try await ledger.head(.finalised).number == 5)
        }
    }

    @Test(
        "changed spec version with moved indices: the upgrading block is read with the old runtime, the next with the new one"
    )
    func upgrade() async throws {
        let chain = try chain()
        let moved = try MovedRuntime.bytes()
        @Sendable func canceled(_ contract: UInt64) -> EventRecord {
            EventRecord(extrinsic: 1, event: .nodeContractCanceled(contract: contract, node: 7, twin: 3))
        }
        try chain.grow([canceled(1)])
        try chain.grow([canceled(2)], upgrade: (150, moved))
        try chain.grow([canceled(3)])
        try chain.grow([canceled(4)])
        let endpoint = try await FakeEndpoint(chain)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            var seen: [UInt64] = []
            for try await step in ledger.blocks(after: 1) {
                guard case .block(let block) = step else { continue }
                for case .nodeContractCanceled(let contract, 7, 3) in block.events.map(\.event) {
                    seen.append(contract)
                }
                if block.reference.number == 5 { break }
            }
            #expect(seen == [1, 2, 3, 4])
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            #expect(try await ledger.contract(5, at: .block(number: 1)) != nil)
            // One after the other while connected: the upgrade comes as a new block.
            try chain.grow([canceled(5)], upgrade: (151, try FakeChain.metadataBytes.get()))
            try chain.grow([canceled(6)])
            for number in 6...7 as ClosedRange<UInt32> {
                _ = try await ledger.waitForBlock(after: number - 1, patience: .seconds(60))
                guard case .block(let block) = try await ledger.block(number) else {
                    Issue.record("no block \(number)")
                    return
                }
                #expect(block.events.contains(canceled(UInt64(number) - 1)))
            }
            // Metadata is fetched once for each version.
            #expect(endpoint.count("state_getMetadata") == 3)
        }
    }

    @Test("wrong metadata: an endpoint whose metadata cannot be read or does not fit is left for another one")
    func wrongMetadata() async throws {
        let chain = try chain()
        try chain.grow([EventRecord(extrinsic: 1, event: .nodeContractCanceled(contract: 9, node: 7, twin: 3))])
        let metadata = try FakeChain.metadataBytes.get()
        for wrong in [[], Array(metadata.prefix(1_000)), metadata + [0], try MovedRuntime.bytes()] {
            let (liar, good) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
            liar.change { $0.metadata = wrong }
            try await FakeEndpoint.with([liar, good]) { ledger async throws in
                guard case .block(let block) = try await ledger.block(2) else {
                    Issue.record("the block was given up")
                    return
                }
                #expect(block.events.map(\.event) == [.nodeContractCanceled(contract: 9, node: 7, twin: 3)])
                #expect(try await ledger.contract(5, at: .finalised) != nil)
            }
        }
    }

    @Test("events that nobody can read make the block one that is compared, and do not stop the chain")
    func unreadableEvents() async throws {
        let chain = try chain()
        try chain.grow(by: 2)
        let endpoint = try await FakeEndpoint(chain)
        endpoint.change { $0.metadata = try? MovedRuntime.bytes() }
        let canceled = EventRecord(extrinsic: 1, event: .nodeContractCanceled(contract: 9, node: 7, twin: 3))
        try chain.grow([canceled])
        try chain.grow(by: 2)
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            var steps: [BlockFollower.Step] = []
            for try await step in ledger.blocks(after: 2) {
                steps.append(step)
                if case .block(let block) = step, block.reference.number == 6 { break }
            }
            #expect(steps.contains(.pruned(through: 4)) && steps.count == 4)
        }
    }

    @Test("endpoint that answers with errors is left; one that lacks a method which can be done without is used")
    func errors() async throws {
        let chain = try chain()
        let (broken, plain) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        broken.change { $0.refused = ["state_getStorage": RPCFailure(code: -32603, message: "Internal error")] }
        let missing = RPCFailure(code: -32601, message: "Method not found")
        plain.change { $0.refused = ["state_queryStorageAt": missing, "system_accountNextIndex": missing] }
        let key = try KeyPair(secretURI: "//user", scheme: .sr25519)
        try await FakeEndpoint.with([broken, plain]) { ledger async throws in
            #expect(try await ledger.contract(5, at: .finalised) != nil)
            guard case .block(let block) = try await ledger.block(1) else {
                Issue.record("the block was given up")
                return
            }
            #expect(block.reference.time == FakeChain.time)
            #expect(try await ledger.submit(.cancelContract(contract: 5), by: key).block.number == 2)
        }
    }

    @Test("a command waits for its first connection, also past endpoints that are down")
    func command() async throws {
        let chain = try chain()
        let endpoint = try await FakeEndpoint(chain)
        var settings = FakeEndpoint.quick
        // Too short to connect in: without the wait the first question would fail.
        settings.retryFor = .zero
        // This ledger goes by the machine's clock, the chain by the test's.
        settings.staleAfter = .seconds(1 << 40)
        try await withThrowingTaskGroup(of: Void.self) { group async throws in
            group.addTask { try await endpoint.run() }
            defer { group.cancelAll() }
            try await ChainLedger.with(
                endpoints: ["ws://127.0.0.1:1", "ws://127.0.0.1:\(endpoint.address.port)"], settings: settings,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { ledger async throws in
                #expect(try await ledger.contract(5, at: .finalised) != nil)
            }
        }
    }

    @Test("a list of endpoints can be replaced while the chain is used")
    func replacing() async throws {
        let chain = try chain()
        let (first, second) = (try await FakeEndpoint(chain), try await FakeEndpoint(chain))
        try await FakeEndpoint.with([first]) { ledger async throws in
            _ = try await ledger.head(.best)
            try await withThrowingTaskGroup(of: Void.self) { group async throws in
                group.addTask { try await second.run() }
                defer { group.cancelAll() }
                ledger.replaceEndpoints([second.address])
                #expect(try await ledger.contract(5, at: .best) != nil)
                #expect(second.asked.withLock { $0.isEmpty })
                first.change { $0.isGone = true }
                #expect(try await ledger.contract(5, at: .best) != nil)
                #expect(second.count("state_getStorage") > 0)
            }
        }
    }
}

/// Asks until there is an answer.
func eventually<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        do {
            return try await body()
        } catch let error as LedgerUnavailable {
            guard .now < deadline else { throw error }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
