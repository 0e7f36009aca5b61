import Contracts
import Hosting
import Logging
import Signatures
import Synchronization

/// Tells the ledger what each contract takes of the node: after every finished job, and for all deployments at start
/// (docs/spec/tfchain.md section 11). What cannot be sent now is sent with the next report, or when the ledger is back.
final class ResourceReporter: Sendable {
    private static let retries = 4
    private static let pause = Duration.seconds(6)
    /// How often what is left over is tried again.
    private static let look = Duration.seconds(60)
    /// Errors that one entry causes for the whole call.
    private static let offences: Set<String> = ["InvalidContractType", "NodeNotAuthorizedToComputeReport"]

    private let ledger: any Ledger
    private let key: KeyPair
    private let node: UInt32
    private let pause: @Sendable (Duration) async throws -> Void
    private let log: Logger
    private let reports = Mutex(ResourceReports())
    private let wakeups: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    init(
        ledger: any Ledger, key: KeyPair, node: UInt32,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, log: Logger
    ) {
        self.ledger = ledger
        self.key = key
        self.node = node
        self.pause = pause
        self.log = log
        (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether the ledger has not been told of something.
    var hasUnreported: Bool { reports.withLock { !$0.isEmpty } }

    func note(_ contract: UInt64, _ capacity: Capacity) {
        let used = Resources(hru: capacity.hru, sru: capacity.sru, cru: capacity.cru, mru: capacity.mru)
        reports.withLock { $0.add(ContractResources(contract: contract, used: used)) }
        wakeup.yield()
    }

    /// Works until the task is cancelled.
    ///
    /// - Parameter active: what every deployment takes at start.
    func run(active: [UInt64: Capacity]) async {
        for (contract, capacity) in active { note(contract, capacity) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await self.pause(Self.look) } catch { return }
                    if self.hasUnreported { self.wakeup.yield() }
                }
            }
            for await _ in wakeups { await send() }
            group.cancelAll()
        }
    }

    private func send() async {
        var failures = 0
        while !Task.isCancelled {
            let batch = reports.withLock { $0.next() }
            guard !batch.isEmpty else { return }
            do throws(CallFailure) {
                _ = try await ledger.submit(.reportContractResources(resources: batch), by: key)
                reports.withLock { $0.acknowledge(batch) }
                continue
            } catch {
                log.warning(
                    "resources not reported",
                    metadata: ["contracts": "\(batch.count)", "attempt": "\(failures + 1)", "error": "\(error)"])
                if let name = error.errorName, Self.offences.contains(name), await dropOffenders(of: batch) { continue }
            }
            failures += 1
            guard failures <= Self.retries else { return }
            do { try await pause(Self.pause) } catch { return }
        }
    }

    /// Whether there was one. The error names none, so each contract is looked at.
    private func dropOffenders(of batch: [ContractResources]) async -> Bool {
        var hasDropped = false
        for report in batch {
            // One that cannot be read now stays, and so does the failure.
            guard let contract = try? await ledger.contract(report.contract, at: .best),
                contract.kind.node?.node != node
            else { continue }
            log.error(
                "contract is not one of this node's, its resources are not reported",
                metadata: ["contract": "\(report.contract)"])
            reports.withLock { $0.drop(report.contract) }
            hasDropped = true
        }
        return hasDropped
    }
}
