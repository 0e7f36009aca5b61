import Chain
import Contracts
import Logging
import ScriptedChain
import Signatures
import TestLedger
import Testing
import WebSockets

@Suite("A chain behind lines that break", .timeLimit(.minutes(10)))
struct UnreliableLineTests {
    private static let calls: UInt64 = 24

    @Test("every call takes effect once, every event is seen once, nothing is absent that is there")
    func once() async throws {
        try await LedgerFixture.with(.inProcess) { fixture async throws in
            let face = try await ChainFace(
                ledger: fixture.embedded, at: .loopback(port: 0), version: "test", log: Logger(label: "test"))
            let address = WebSocketAddress(host: "127.0.0.1", port: face.port)
            // A connection needs about ten messages before it is used, and a call as many.
            let lines = [
                try await UnreliableLine(to: address, breaksAfter: 45),
                try await UnreliableLine(to: address, breaksAfter: 31),
            ]
            let ledger = try ChainLedger(ordered: lines.map(\.address), settings: settings, log: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group async throws in
                group.addTask { try await face.run() }
                for line in lines { group.addTask { try await line.run() } }
                group.addTask { await ledger.run() }
                defer { group.cancelAll() }
                async let seen = follow(ledger)
                for number in 1...Self.calls { try await make("name-\(number)", ledger, fixture.user) }
                #expect(try await seen == Array(1...Self.calls))
                for number in 1...Self.calls {
                    #expect(try await ledger.contractID(name: "name-\(number)", at: .finalised) == number)
                }
            }
            #expect(lines.allSatisfy { $0.breaks > 0 })
        }
    }

    /// As a careful client does it: what is not known is looked up before it is repeated.
    private func make(_ name: String, _ ledger: ChainLedger, _ key: KeyPair) async throws {
        while true {
            do {
                _ = try await ledger.submit(.createNameContract(name: name), by: key)
                return
            } catch CallFailure.unavailable {
                if try await ledger.contractID(name: name, at: .best) != nil { return }
            }
        }
    }

    /// The contracts of all events about new ones, in the order in which they come.
    private func follow(_ ledger: ChainLedger) async throws -> [UInt64] {
        var seen: [UInt64] = []
        for try await step in ledger.blocks(after: 0) {
            guard case .block(let block) = step else { continue }
            for case .contractCreated(let contract) in block.events.map(\.event) { seen.append(contract.id) }
            if seen.count >= Int(Self.calls) { break }
        }
        return seen
    }

    private var settings: ChainSettings {
        var settings = ChainSettings()
        settings.attemptPause = .milliseconds(2)
        settings.backOff = .milliseconds(5) ... .milliseconds(20)
        settings.retryPause = .milliseconds(2) ... .milliseconds(20)
        settings.retryFor = .seconds(60)
        settings.answerTimeout = .seconds(30)
        settings.statusTimeout = .seconds(30)
        return settings
    }
}
