import Chain
import Contracts
import Logging
import Signatures
import Synchronization
import TestChain
import TestLedger
import Testing
import WebSockets

/// docs/spec/ledger.md section 10, case 11: the chain's client on two faces of the same ledger, one of which goes.
@Suite("Failover", .timeLimit(.minutes(5)))
struct FailoverTests {
    /// A client that talks to the first of two faces.
    private struct Stage: Sendable {
        let client: ChainLedger
        let embedded: EmbeddedLedger
        let key: KeyPair
        /// Ends the first face with all its connections.
        let killFirst: @Sendable () async -> Void
    }

    /// - Parameter production: blocks of a ledger with a block time are made by the test's own `run`.
    private func with(
        _ production: LedgerSettings.Production, _ body: @Sendable (Stage) async throws -> Void
    ) async throws {
        let folder = try Folder()
        var settings = LedgerSettings()
        settings.production = production
        let embedded = try EmbeddedLedger(
            path: folder.path + "/ledger.db", genesis: try LedgerFixture.genesis(settings))
        let log = Logger(label: "test")
        let faces = [
            try await ChainFace(ledger: embedded, at: .loopback(port: 0), version: "first", log: log),
            try await ChainFace(ledger: embedded, at: .loopback(port: 0), version: "second", log: log),
        ]
        let addresses = try faces.map { try WebSocketAddress("ws://127.0.0.1:\($0.port)") }
        let client = try ChainLedger(ordered: addresses, settings: Face.patient, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (dead, death) = AsyncStream<Void>.makeStream()
            let (orders, order) = AsyncStream<Void>.makeStream()
            group.addTask {
                await withTaskGroup(of: Void.self) { first in
                    // How it ends does not matter here.
                    first.addTask { try? await faces[0].run() }
                    first.addTask { for await _ in orders { return } }
                    await first.next()
                    first.cancelAll()
                }
                death.finish()
            }
            group.addTask { try await faces[1].run() }
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            let stage = Stage(client: client, embedded: embedded, key: try LedgerFixture.key("user")) {
                order.yield()
                for await _ in dead {}
            }
            // Connected, and to the first: the second is asked only when the first does not answer.
            #expect(try await client.head(.finalised).number == 0)
            try await body(stage)
        }
    }

    @Test("an endpoint that is killed in the middle of reads costs no answer and makes nothing absent")
    func reads() async throws {
        try await with(.onDemand) { stage in
            let killed = Flag()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask { () async throws -> Int in
                        var after = 0
                        while after < 20 {
                            let found = try await stage.client.twin(3, at: .best)
                            let absent = try await stage.client.twin(99, at: .best)
                            #expect(found?.id == 3)
                            #expect(absent == nil)
                            if killed.isSet { after += 1 }
                        }
                        return after
                    }
                }
                await stage.killFirst()
                killed.set()
                for try await count in group { #expect(count == 20) }
            }
        }
    }

    @Test("an endpoint that is killed in the middle of a subscription costs the follower no block")
    func subscription() async throws {
        try await with(.onDemand) { stage in
            var seen: [UInt32] = []
            var created: [UInt64] = []
            func make(_ name: String) async throws {
                _ = try await stage.embedded.submit(.createNameContract(name: name), by: stage.key)
            }
            try await make("before")
            for try await step in stage.client.blocks(after: 0) {
                guard case .block(let block) = step else {
                    Issue.record("nothing is pruned here")
                    return
                }
                seen.append(block.reference.number)
                for case .contractCreated(let contract) in block.events.map(\.event) { created.append(contract.id) }
                if seen.count == 1 {
                    // While the follower's connection hears of heads.
                    try await make("one")
                    await stage.killFirst()
                    try await make("two")
                    try await make("three")
                }
                if seen.count == 4 { break }
            }
            #expect(seen == [1, 2, 3, 4])
            #expect(created == [1, 2, 3, 4])
        }
    }

    @Test("a call whose endpoint is killed while it is watched is found through the other one, and applied once")
    func watchedExtrinsic() async throws {
        try await with(.every(milliseconds: 500)) { stage in
            let account = AccountID(stage.key.publicKey)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                async let receipt = stage.client.submit(.createNameContract(name: "watched"), by: stage.key)
                // No block is made yet: the call is in the pool, and the client waits for news of it.
                while try await stage.embedded.nextNonce(of: account) == 0 { await Task.yield() }
                await stage.killFirst()
                group.addTask { try await stage.embedded.run() }
                let made = try await receipt
                #expect(made.contract?.id == 1)
                #expect(try await stage.client.contractID(name: "watched", at: .best) == 1)
                #expect(try await stage.embedded.account(account, at: .best).nonce == 1)
                // And the next one goes on from there.
                let next = try await stage.client.submit(.createNameContract(name: "next"), by: stage.key)
                #expect(next.contract?.id == 2)
            }
        }
    }

    @Test("a follower that waits for a block hears of it although its endpoint is killed meanwhile")
    func waiting() async throws {
        try await with(.onDemand) { stage in
            async let next = stage.client.waitForBlock(after: 0, patience: .seconds(120))
            await stage.killFirst()
            _ = try await stage.embedded.administrate(.tick)
            let head = try await next
            #expect(head.number >= 1)
        }
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
