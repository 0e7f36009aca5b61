import Contracts
import Hosting
import Logging
import Signatures
import Synchronization
import Testing

@testable import Node

@Suite("Reports to the ledger")
struct ReportTests {
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func used(_ cores: UInt64) -> Resources { Resources(cru: cores) }

    @Test("what the ledger has is not sent again, what changed while it was sent is")
    func marks() {
        var reports = ResourceReports()
        reports.add(ContractResources(contract: 2, used: used(1)))
        reports.add(ContractResources(contract: 1, used: used(1)))
        let batch = reports.next()
        #expect(batch.map(\.contract) == [1, 2])
        reports.add(ContractResources(contract: 1, used: used(5)))
        reports.acknowledge(batch)
        #expect(reports.next() == [ContractResources(contract: 1, used: used(5))])
        reports.add(ContractResources(contract: 1, used: used(1)))
        reports.add(ContractResources(contract: 2, used: used(1)))
        #expect(reports.isEmpty)
    }

    @Test("one call carries a bounded number of reports")
    func bounded() {
        var reports = ResourceReports()
        for contract in 1...250 { reports.add(ContractResources(contract: UInt64(contract), used: used(1))) }
        #expect(reports.next().count == ResourceReports.batch)
        reports.acknowledge(reports.next())
        #expect(reports.next().first?.contract == 101)
    }

    @Test("all deployments are reported at start, then each that changes")
    func reporting() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("a")
            let reporter = ResourceReporter(ledger: stage.ledger, key: stage.nodeKey, node: 1, log: log)
            let running = Task { await reporter.run(active: [deployment.contract: Capacity(cru: 2, mru: 7)]) }
            try await eventually("the ledger knows") {
                try await stage.embedded.resources(ofContract: deployment.contract, at: .best)
                    == Resources(cru: 2, mru: 7)
            }
            reporter.note(deployment.contract, Capacity(cru: 3, sru: 9))
            try await eventually("the ledger knows") {
                try await stage.embedded.resources(ofContract: deployment.contract, at: .best)
                    == Resources(sru: 9, cru: 3)
            }
            running.cancel()
            await running.value
        }
    }

    @Test("a contract that is none of this node's is dropped, and the rest is reported")
    func offender() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("a")
            let name = try #require(
                try await stage.embedded.submit(.createNameContract(name: "abc"), by: stage.user).contract)
            let reporter = ResourceReporter(ledger: stage.ledger, key: stage.nodeKey, node: 1, log: log)
            let active = [deployment.contract: Capacity(cru: 2), name.id: Capacity(cru: 4), 999: Capacity(cru: 8)]
            let running = Task { await reporter.run(active: active) }
            try await eventually("the ledger knows") {
                try await stage.embedded.resources(ofContract: deployment.contract, at: .best).cru == 2
            }
            try await eventually("nothing is left") { !reporter.hasUnreported }
            running.cancel()
            await running.value
        }
    }

    @Test("what cannot be sent in five tries stays marked, and is sent when the ledger is back")
    func later() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("a")
            stage.ledger.change { $0.isAway = true }
            let pauses = Mutex<[Duration]>([])
            let reporter = ResourceReporter(
                ledger: stage.ledger, key: stage.nodeKey, node: 1,
                pause: { duration in
                    pauses.withLock { $0.append(duration) }
                    try await Task.sleep(for: .milliseconds(2))
                }, log: log)
            let running = Task { await reporter.run(active: [deployment.contract: Capacity(cru: 2)]) }
            try await eventually("it was tried in two rounds") { stage.ledger.count.calls.count >= 10 }
            #expect(reporter.hasUnreported)
            #expect(pauses.withLock { $0.contains(.seconds(6)) })
            stage.ledger.change { $0.isAway = false }
            try await eventually("the ledger knows") {
                try await stage.embedded.resources(ofContract: deployment.contract, at: .best).cru == 2
            }
            running.cancel()
            await running.value
        }
    }

    @Test("uptime goes every 40 minutes by the ledger's clock, and again after 10 seconds if it failed")
    func uptime() async throws {
        try await ChainStage.with { stage in
            let pauses = Mutex<[Duration]>([])
            stage.ledger.change {
                $0.failures = [.unavailable(reason: LedgerUnavailable(.unreachable, "away"))]
            }
            // The ledger's clock is an hour ahead of the machine's.
            try await stage.embedded.administrate(.warp(milliseconds: 3_600_000))
            let reporter = UptimeReporter(
                ledger: stage.ledger, key: stage.nodeKey, uptime: { 1234 },
                pause: { duration in
                    let count = pauses.withLock { pauses in
                        pauses.append(duration)
                        return pauses.count
                    }
                    if count == 2 { throw CancellationError() }
                }, log: log)
            await reporter.run()
            #expect(pauses.withLock { $0 } == [.seconds(10), .seconds(2400)])
            let head = try await stage.embedded.head(.best).number
            guard case .block(let block) = try await stage.embedded.block(head) else {
                Issue.record("there is no block \(head)")
                return
            }
            #expect(
                block.events.contains { record in
                    if case .nodeUptimeReported(1, _, 1234) = record.event { true } else { false }
                })
        }
    }
}
