import Signatures
import Synchronization
import TestLedger
import Testing

@testable import Contracts

/// A clock that does not wait but counts, and does something at each step.
private struct StepClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private static let start = Instant.now
    let step: @Sendable () async -> Void
    var now: Instant { Self.start }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { await step() }
}

@Suite("Acceptance checks")
struct AcceptanceChecksTests {
    private func failure(
        _ checks: AcceptanceChecks, _ id: UInt64, twin: UInt32 = 3, _ hash: ContractHash,
        _ purpose: AcceptanceChecks.Purpose = .deploy
    ) async -> AcceptanceFailure? {
        do {
            _ = try await checks.check(contract: id, twin: twin, hash: hash, for: purpose)
            return nil
        } catch {
            return error
        }
    }

    @Test("the first failed check names the refusal, with the grid's text", arguments: Face.local)
    func order(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let hash = fixture.hash("a")
            let contract = try await fixture.contract(hash)
            let name = try #require(
                try await fixture.ledger.submit(.createNameContract(name: "abc"), by: fixture.user).contract)
            let checks = AcceptanceChecks(ledger: fixture.ledger, node: 1, patience: .zero)
            let elsewhere = AcceptanceChecks(ledger: fixture.ledger, node: 2, patience: .zero)
            #expect(await failure(checks, contract.id, hash) == nil)
            #expect(await failure(checks, 9, hash)?.code == .contractNotFound)
            #expect(await failure(checks, name.id, hash)?.message == "invalid contract type, expecting node contract")
            let wrong = fixture.hash("b")
            #expect(
                await failure(elsewhere, contract.id, twin: 4, wrong)?.message == "invalid node address in contract")
            #expect(
                await failure(checks, contract.id, twin: 4, wrong)?.message
                    == "contract hash does not match deployment hash")
            #expect(await failure(checks, contract.id, twin: 4, hash)?.code == .twinMismatch)
            #expect(await failure(elsewhere, contract.id, wrong, .reinstall) == nil)
            #expect(await failure(elsewhere, contract.id, twin: 4, wrong, .reinstall)?.code == .twinMismatch)
        }
    }

    @Test("a contract in grace is accepted as paused, with the addresses reserved for it")
    func grace() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"), ips: 1)
            _ = try await fixture.administrate(.startGrace(contract: contract.id))
            let checks = AcceptanceChecks(ledger: fixture.ledger, node: 1, patience: .zero)
            let accepted = try await checks.check(contract: contract.id, twin: 3, hash: fixture.hash("a"), for: .deploy)
            #expect(accepted.isPaused)
            #expect(accepted.publicIPs.map(\.ip) == ["198.51.100.10/24"])
        }
    }

    @Test("a contract or an updated hash that appears late is waited for")
    func lateness() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let (a, b) = (fixture.hash("a"), fixture.hash("b"))
            let creating = AcceptanceChecks(
                ledger: fixture.ledger, node: 1,
                clock: StepClock { _ = try? await fixture.contract(a) })
            #expect(await failure(creating, 1, a) == nil)
            let updating = AcceptanceChecks(
                ledger: fixture.ledger, node: 1,
                clock: StepClock {
                    _ = try? await fixture.ledger.submit(
                        .updateNodeContract(contract: 1, hash: b, data: HexBytes([])), by: fixture.user)
                })
            #expect(await failure(updating, 1, b, .update(previous: a)) == nil)
            let waits = Counter()
            let never = AcceptanceChecks(ledger: fixture.ledger, node: 1, clock: StepClock { waits.add() })
            #expect(await failure(never, 1, fixture.hash("c"), .update(previous: b))?.code == .hashMismatch)
            #expect(waits.value == 40)
            #expect(await failure(never, 1, fixture.hash("c"), .update(previous: a))?.code == .hashMismatch)
            #expect(waits.value == 40)
        }
    }

    @Test("a ledger that does not answer is never a rejection")
    func unavailable() async throws {
        let waits = Counter()
        let checks = AcceptanceChecks(
            ledger: RemoteLedger(path: "/nonexistent/ledger"), node: 1, clock: StepClock { waits.add() })
        let hash = try #require(ContractHash(text: String(repeating: "a", count: 32)))
        let failure = await failure(checks, 1, hash)
        #expect(failure?.code == .chainUnavailable)
        #expect(failure?.isRetryable == true)
        #expect(waits.value == 40)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
