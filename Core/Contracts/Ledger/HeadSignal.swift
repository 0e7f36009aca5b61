import Synchronization

/// Wakes whoever waits for a block.
package final class HeadSignal: Sendable {
    private struct Waiters {
        var head: UInt32
        var next = 0
        var waiting: [Int: (after: UInt32, continuation: CheckedContinuation<Void, Never>)] = [:]
        var cancelled: Set<Int> = []
    }

    private let waiters: Mutex<Waiters>

    package init(head: UInt32) { waiters = Mutex(Waiters(head: head)) }

    package func advance(to head: UInt32) {
        let woken = waiters.withLock { waiters in
            waiters.head = max(waiters.head, head)
            let ready = waiters.waiting.filter { $0.value.after < waiters.head }
            for key in ready.keys { waiters.waiting[key] = nil }
            return ready.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when the head is past `number`, when `patience` is over or when the task is cancelled.
    package func wait(after number: UInt32, patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForever(after: number) }
            // Cancelled when the head came first: then there is nothing to do.
            group.addTask { try? await Task.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForever(after number: UInt32) async {
        let ticket = waiters.withLock { waiters in
            waiters.next += 1
            return waiters.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = waiters.withLock { waiters in
                    if waiters.head > number || waiters.cancelled.remove(ticket) != nil { return true }
                    waiters.waiting[ticket] = (number, continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = waiters.withLock { waiters in
                let found = waiters.waiting.removeValue(forKey: ticket)
                if found == nil { waiters.cancelled.insert(ticket) }
                return found
            }
            waiter?.continuation.resume()
        }
        waiters.withLock { _ = $0.cancelled.remove(ticket) }
    }
}
