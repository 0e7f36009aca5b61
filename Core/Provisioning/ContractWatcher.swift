import Contracts
import Logging

/// Follows the ledger's finalised blocks and tells the engine what happened to contracts of this node.
///
/// Nothing is removed because of an event alone: the contract is read again, and only a finalised *absent* or *deleted* counts.
/// The number of the last block is kept, so that after any outage no event is missed; what is no longer kept by the ledger is made up for
/// by a full comparison, which also runs at start and every hour (docs/spec/deployment.md section 10.8).
public struct ContractWatcher: Sendable {
    static let mark = "ledger_block"
    static let comparisonSeconds: Int64 = 3600

    private let ledger: any Ledger
    private let engine: Engine
    private let store: DeploymentStore
    private let node: UInt32
    private let now: @Sendable () -> Int64
    private let log: Logger

    public init(
        ledger: any Ledger, engine: Engine, store: DeploymentStore, node: UInt32,
        now: @escaping @Sendable () -> Int64, log: Logger
    ) {
        self.ledger = ledger
        self.engine = engine
        self.store = store
        self.node = node
        self.now = now
        self.log = log
    }

    /// Works until the task is cancelled. An unreachable ledger is waited for.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await follow()
            } catch is CancellationError {
                return
            } catch {
                log.warning("ledger unavailable, contracts are not watched", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(2))  // Cancellation shows in the loop's condition.
            }
        }
    }

    private func follow() async throws {
        let head = try await ledger.head(.finalised)
        let stored = try await store.mark(ContractWatcher.mark).flatMap { UInt32(exactly: $0) }
        try await compare()
        var compared = now()
        let start = stored ?? head.number
        if stored == nil { try await store.setMark(ContractWatcher.mark, to: Int64(start)) }
        for try await step in ledger.blocks(after: start) {
            switch step {
            case .block(let block):
                for record in block.events { try await handle(record.event) }
                try await store.setMark(ContractWatcher.mark, to: Int64(block.reference.number))
            case .pruned(let through):
                log.warning("ledger events missed, comparing all contracts", metadata: ["through": "\(through)"])
                try await compare()
                try await store.setMark(ContractWatcher.mark, to: Int64(through))
            }
            if now() - compared >= ContractWatcher.comparisonSeconds {
                try await compare()
                compared = now()
            }
        }
    }

    private func handle(_ event: LedgerEvent) async throws {
        switch event {
        case .nodeContractCanceled(let contract, node, _):
            guard try await isGone(contract) else { return }
            try await engine.remove(contract: contract, reason: "contract canceled event received")
        case .contractGracePeriodStarted(let contract, node, _, _):
            try await engine.pause(contract: contract)
        case .contractGracePeriodEnded(let contract, node, _):
            try await engine.resume(contract: contract)
        default: break
        }
    }

    /// Whether the finalised state no longer has the contract. Unavailable is not gone.
    private func isGone(_ contract: UInt64) async throws -> Bool {
        guard let found = try await ledger.contract(contract, at: .finalised) else { return true }
        return found.state.isDeleted
    }

    /// Aligns all deployments with the ledger's list of this node's contracts.
    func compare() async throws {
        let active = Set(try await ledger.activeContracts(ofNode: node, at: .finalised))
        for contract in await engine.contracts() {
            guard active.contains(contract) else {
                if try await isGone(contract) {
                    try await engine.remove(contract: contract, reason: "contract not active on chain")
                }
                continue
            }
            guard let found = try await ledger.contract(contract, at: .finalised) else { continue }
            if found.state.isInGrace {
                try await engine.pause(contract: contract)
            } else {
                try await engine.resume(contract: contract)
            }
        }
    }
}
