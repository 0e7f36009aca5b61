import Synchronization

/// A call that was let in and waits for its block. Whoever lets go of it does not take the call back.
public final class PendingCall: Sendable {
    /// What became of a call.
    public typealias Outcome = Result<CallReceipt, CallFailure>

    private struct State {
        var outcome: Outcome?
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }

    private let state = Mutex(State())

    /// Waits until the call is in a block or can no longer get into one; a stopped ledger ends the wait.
    public func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.outcome == nil { state.waiting.append(continuation) }
                return state.outcome
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// The first outcome counts.
    func resolve(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            if state.outcome == nil { state.outcome = outcome }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
    }
}
