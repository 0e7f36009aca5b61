import Glibc
import Synchronization

/// The one thread that starts workers.
///
/// A worker's parent death signal fires when the *thread* that started it ends, so that must be a thread which lives as
/// long as the core does.
final class SpawnerThread: Sendable {
    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }
    private let queue = Mutex(Queue())
    private let wakeUp: WakeUp

    init() throws(HostingError) {
        wakeUp = try WakeUp()
        try LongThread.start("zos-spawner") { [self] in run() }
    }

    /// Runs `job` on the thread and returns what it returns.
    func perform<Answer: Sendable>(
        _ job: @escaping @Sendable () -> Result<Answer, HostingError>
    ) async throws(HostingError) -> Answer {
        let result = await withCheckedContinuation { continuation in
            queue.withLock { $0.jobs.append { continuation.resume(returning: job()) } }
            wakeUp.ring()
        }
        return try result.get()
    }

    /// Ends the thread, and with it every worker.
    func close() {
        queue.withLock { $0.isClosed = true }
        wakeUp.ring()
    }

    private func run() {
        while true {
            let (jobs, isClosed) = queue.withLock { queue in
                defer { queue.jobs = [] }
                return (queue.jobs, queue.isClosed)
            }
            for job in jobs { job() }
            if isClosed && jobs.isEmpty { return }
            guard jobs.isEmpty else { continue }
            var waits = pollfd(fd: wakeUp.number, events: Int16(POLLIN), revents: 0)
            _ = poll(&waits, 1, -1)
            wakeUp.clear()
        }
    }
}
