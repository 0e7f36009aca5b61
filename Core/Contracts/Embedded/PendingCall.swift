import Synchronization

/// A call that was let in and waits for its block. Whoever lets go of it does not take the call back.
public final class PendingCall: Sendable {
    /// What became of a call.
    public typealias Outcome = Result<CallReceipt, CallFailure>

    private struct State {
        var outcome: Outcome?
        var next = 0
        var waiting: [Int: CheckedContinuation<Outcome, Never>] = [:]
        /// Tickets of tasks that were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private static let abandoned = Outcome.failure(
        .unavailable(reason: LedgerUnavailable(.timedOut, "nobody waits for the call's block any more")))

    private let state = Mutex(State())

    /// Waits until the call is in a block or can no longer get into one. A stopped ledger ends the wait, and so does
    /// the end of the waiting task.
    public func outcome() async -> Outcome {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Outcome? = state.withLock { state in
                    if let outcome = state.outcome { return outcome }
                    if state.cancelled.remove(ticket) != nil { return Self.abandoned }
                    state.waiting[ticket] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let found = state.waiting.removeValue(forKey: ticket)
                if found == nil { state.cancelled.insert(ticket) }
                return found
            }
            waiter?.resume(returning: Self.abandoned)
        }
    }

    /// The first outcome counts.
    func resolve(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            if state.outcome == nil { state.outcome = outcome }
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
    }
}
