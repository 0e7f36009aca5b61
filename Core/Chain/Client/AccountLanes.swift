import Contracts
import Synchronization

/// One call at a time for each account, in the order in which they came: the next nonce is known only when the one before
/// is in the pool (docs/spec/tfchain.md section 8).
final class AccountLanes: Sendable {
    private let waiting = Mutex<[AccountID: [CheckedContinuation<Void, Never>]]>([:])

    /// Waits for the account's turn, which ends with `leave`. Everybody ahead is done in bounded time.
    func enter(_ account: AccountID) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[account] != nil else {
                    waiting[account] = []
                    return true
                }
                waiting[account]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func leave(_ account: AccountID) {
        let next: CheckedContinuation<Void, Never>? = waiting.withLock { waiting in
            guard var line = waiting[account], !line.isEmpty else {
                waiting[account] = nil
                return nil
            }
            let next = line.removeFirst()
            waiting[account] = line
            return next
        }
        next?.resume()
    }
}
