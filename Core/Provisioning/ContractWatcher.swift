import Contracts
import Logging

/// Follows the ledger's finalised blocks and does to deployments what happened to their contracts (docs/spec/tfchain.md sections 7, 11, 12).
///
/// Nothing is removed because of an event alone: the contract is read again, and only a finalised *absent* or *deleted* counts.
/// The number of the last block is kept, so that after any outage no event is missed; what is no longer kept by the ledger is made up for
/// by a full comparison, which also runs at start and every hour. Handling a block twice does no harm.
public struct ContractWatcher: Sendable {
    static let mark = "ledger_block"
    static let comparisonSeconds: Int64 = 3600
    static let incompleteSeconds: Int64 = 60
    /// A gap of more blocks than this, an hour, empties what is remembered of twins.
    static let gapBlocks: UInt32 = 600
    /// The last block is noted this often at most while nothing happens in them: noting each of a day's would cost more than handling
    /// some twice.
    static let markSeconds: Int64 = 5
    /// How long a head is waited for before looking again.
    private static let patience = Duration.seconds(20)

    let ledger: any Ledger
    let engine: Engine
    let store: DeploymentStore
    let node: UInt32
    let farm: UInt32
    let listeners: [any LedgerListener]
    let now: @Sendable () -> Int64
    let pause: @Sendable () async throws -> Void
    let log: Logger

    /// - Parameters:
    ///   - pause: waits before the next try when the ledger cannot be reached.
    public init(
        ledger: any Ledger, engine: Engine, store: DeploymentStore, node: UInt32, farm: UInt32,
        listeners: [any LedgerListener] = [], now: @escaping @Sendable () -> Int64,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(2)) }, log: Logger
    ) {
        self.ledger = ledger
        self.engine = engine
        self.store = store
        self.node = node
        self.farm = farm
        self.listeners = listeners
        self.now = now
        self.pause = pause
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
                log.warning("contracts are not watched", metadata: ["error": "\(error)"])
            }
            do { try await pause() } catch { return }  // Only a cancelled task cannot wait.
        }
    }

    private func follow() async throws {
        let head = try await ledger.head(.finalised).number
        let stored = try await store.mark(Self.mark).flatMap { UInt32(exactly: $0) }
        var due = try await compare()
        let start = stored ?? (head > 0 ? head - 1 : 0)
        if stored == nil { try await setMark(start) }
        if head > start, head - start > Self.gapBlocks { await tellMissed() }
        var marked = now()
        for try await step in ledger.blocks(after: start) {
            switch step {
            case .block(let block):
                let actions = block.events.compactMap { NodeAction($0.event, node: node, farm: farm) }
                for action in actions { try await perform(action) }
                if !actions.isEmpty || now() - marked >= Self.markSeconds {
                    try await setMark(block.reference.number)
                    marked = now()
                }
            case .pruned(let through):
                log.warning("ledger events missed, comparing all contracts", metadata: ["through": "\(through)"])
                await tellMissed()
                due = try await compare()
                try await setMark(through)
            }
            if now() >= due { due = try await compare() }
        }
    }

    private func setMark(_ number: UInt32) async throws { try await store.setMark(Self.mark, to: Int64(number)) }

    private func tellMissed() async { for listener in listeners { await listener.missedEvents() } }

    private func perform(_ action: NodeAction) async throws {
        switch action {
        case .deprovision(_, let contract):
            guard await engine.mayHold(contract),
                try await ledger.contract(contract, at: .finalised)?.state.isDeleted ?? true
            else { return }
            try await engine.remove(contract: contract, reason: "contract canceled event received")
        case .pause(_, let contract), .resume(_, let contract):
            // The state is read, not taken from the event: after an outage events of the past are handled late.
            guard await engine.mayHold(contract) else { return }
            guard let state = try await ledger.contract(contract, at: .finalised)?.state else { return }
            try await align(contract, with: state)
        case .publicConfig(let config): for listener in listeners { await listener.changed(config) }
        case .powerTarget(let node, let target):
            for listener in listeners { await listener.wanted(target, ofNode: node) }
        case .refreshTwin(let twin): for listener in listeners { await listener.changed(twin) }
        }
    }

    private func align(_ contract: UInt64, with state: ContractState) async throws {
        switch state {
        case .gracePeriod: try await engine.pause(contract: contract)
        case .created: try await engine.resume(contract: contract)
        default: break
        }
    }

    /// Aligns all deployments with the ledger's list of this node's contracts, all or nothing, at one finalised block.
    ///
    /// Clients deploy before their contract is final. So the block is one that is not older than any deployment, and nothing
    /// is removed whose contract the best head still has. An endpoint that is behind what was handled already is waited for.
    ///
    /// - Returns: when to compare again, Unix seconds: soon if a contract could not be read.
    func compare() async throws -> Int64 {
        let local = await engine.standings()
        let best = try await ledger.head(.best).number
        let handled = try await store.mark(Self.mark).flatMap { UInt32(exactly: $0) } ?? 0
        let block = try await finalised(from: max(best, handled))
        let point = ReadPoint.block(number: block)
        let active = try await ledger.activeContracts(ofNode: node, at: point)
        var readings: [UInt64: ContractSynchronisation.Reading] = [:]
        for id in Set(active).intersection(local.map(\.contract)) { readings[id] = await reading(id, at: point) }
        var isComplete = !readings.values.contains(.unavailable)
        for action in ContractSynchronisation.actions(local: local, active: active, readings: readings) {
            switch action {
            case .deprovision(_, let contract):
                let found = [await reading(contract, at: point), await reading(contract, at: .best)]
                guard found.allSatisfy(\.isGone) else {
                    isComplete = false
                    log.warning(
                        "contract is not in the node's list, its deployment stays because it is not known to be gone",
                        metadata: ["contract": "\(contract)", "block": "\(block)"])
                    continue
                }
                try await engine.remove(contract: contract, reason: "contract not active on chain")
            case .pause(_, let contract): try await engine.pause(contract: contract)
            case .resume(_, let contract): try await engine.resume(contract: contract)
            default: break
            }
        }
        return now() + (isComplete ? Self.comparisonSeconds : Self.incompleteSeconds)
    }

    private func reading(_ contract: UInt64, at point: ReadPoint) async -> ContractSynchronisation.Reading {
        do throws(LedgerUnavailable) {
            return try await ledger.contract(contract, at: point).map { .state($0.state) } ?? .absent
        } catch {
            log.warning(
                "contract cannot be read, its deployment is left alone",
                metadata: ["contract": "\(contract)", "error": "\(error)"])
            return .unavailable
        }
    }

    /// The newest finalised block once it has reached `number`.
    private func finalised(from number: UInt32) async throws -> UInt32 {
        var head = try await ledger.head(.finalised).number
        if head < number {
            log.info("waiting for finality", metadata: ["finalised": "\(head)", "wanted": "\(number)"])
        }
        while head < number { head = try await next(after: head) }
        return head
    }

    // As a function of its own: Swift 6.3.1 crashes when it optimises this wait inside the caller's loop.
    @inline(never)
    private func next(after head: UInt32) async throws -> UInt32 {
        try Task.checkCancellation()
        return try await ledger.waitForBlock(after: head, patience: Self.patience).number
    }
}

extension ContractSynchronisation.Reading {
    /// Whether the ledger no longer has the contract. Unavailable is not gone.
    fileprivate var isGone: Bool {
        switch self {
        case .absent: true
        case .state(let state): state.isDeleted
        case .unavailable: false
        }
    }
}
