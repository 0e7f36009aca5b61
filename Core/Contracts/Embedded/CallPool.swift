import Synchronization

/// Calls that were let in and wait for their block.
final class CallPool: Sendable {
    struct Entry: Sendable {
        let operation: BlockMaker.Operation
        let pending: PendingCall
    }

    /// Calls that wait at a time: more than a block of the chain holds.
    private static let limit = 4_096

    private struct State {
        var waiting: [Entry] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    /// What the waiting calls of an account will have changed of it.
    func expected(_ account: LedgerAccount, of id: AccountID, settings: LedgerSettings) -> LedgerAccount {
        let admission = Admission(settings: settings)
        return state.withLock { state in
            var expected = account
            for case .call(let proof, _) in state.waiting.map(\.operation) where proof.account == id {
                expected.nonce = expected.nonce &+ 1
                expected.free = expected.free.subtractingClamped(admission.price(of: proof))
            }
            return expected
        }
    }

    /// - Throws: `unavailable` from a stopped ledger, `refused` when too many calls wait.
    func append(_ entry: Entry) throws(CallFailure) {
        let failure: CallFailure? = state.withLock { state in
            if state.isStopped { return Self.stopped }
            guard state.waiting.count < Self.limit else {
                return .refused(
                    refusal: CallRefusal(.poolFull, "\(Self.limit) calls wait for the next block already: try later"))
            }
            state.waiting.append(entry)
            return nil
        }
        if let failure { throw failure }
    }

    func takeAll() -> [Entry] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    func start() { state.withLock { $0.isStopped = false } }

    /// Nothing is let in any more, and what waits gets no answer.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for entry in waiting { entry.pending.resolve(.failure(Self.stopped)) }
    }

    static let stopped = CallFailure.unavailable(
        reason: LedgerUnavailable(.unreachable, "the ledger was stopped"))
}

/// What a block in the making took out of the pool, kept outside the transaction, which may fail.
final class TakenCalls: Sendable {
    private let taken = Mutex<[CallPool.Entry]>([])

    var entries: [CallPool.Entry] { taken.withLock { $0 } }

    func take(from pool: CallPool) -> [BlockMaker.Operation] {
        taken.withLock { taken in
            taken = pool.takeAll()
            return taken.map(\.operation)
        }
    }
}
