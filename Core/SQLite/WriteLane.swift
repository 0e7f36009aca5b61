import Dispatch
import Synchronization

/// The one writer of a file: takes what has queued up, runs it in one transaction, commits once, then tells everybody.
public final class WriteLane: Sendable {
    /// Callers per commit. Bounds how long the first of them waits for the last.
    private static let batchLimit = 256

    private struct Queue {
        var waiting: [Job] = []
        var isRunning = false
    }

    /// A caller's closure. `run` keeps the outcome and tells whether it succeeded; `finish` hands it to the caller.
    private struct Job: Sendable {
        let run: @Sendable (Connection) -> (any Error)?
        let finish: @Sendable ((any Error)?) -> Void
    }

    private let connection: Confined
    private let queue = Mutex(Queue())
    private let lane = DispatchQueue(label: "zos.sqlite.write")

    /// Takes over `connection`: nobody else may use it afterwards.
    public init(_ connection: sending Connection) { self.connection = Confined(connection) }

    /// See `Database.write`.
    public func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Mutex<T?>(nil)
            let kept = Outcome(outcome)
            submit(
                Job(
                    run: { connection in
                        do {
                            let value = try body(connection)
                            kept.value.withLock { $0 = value }
                            return nil
                        } catch { return error }
                    },
                    finish: { error in
                        if let error { return continuation.resume(throwing: error) }
                        guard let value = kept.value.withLock({ $0 }) else {
                            return continuation.resume(throwing: SQLiteError(.failed, "the write was not run"))
                        }
                        continuation.resume(returning: value)
                    }))
        }
    }

    private func submit(_ job: Job) {
        let mustStart = queue.withLock { queue in
            queue.waiting.append(job)
            defer { queue.isRunning = true }
            return !queue.isRunning
        }
        if mustStart { lane.async { self.drain() } }
    }

    /// Runs on the lane until nobody waits.
    private func drain() {
        while let batch = takeBatch() {
            var failures: [(any Error)?] = []
            let commitFailure = runTogether(batch, &failures)
            for (index, job) in batch.enumerated() {
                let own = failures.indices.contains(index) ? failures[index] : nil
                job.finish(own ?? commitFailure)
            }
        }
    }

    private func takeBatch() -> [Job]? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isRunning = false
                return nil
            }
            let batch = Array(queue.waiting.prefix(Self.batchLimit))
            queue.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Runs the jobs in one transaction. Returns why the whole failed, if it did; `failures` gets each job's own error.
    private func runTogether(_ batch: [Job], _ failures: inout [(any Error)?]) -> (any Error)? {
        let connection = connection.connection
        do {
            try connection.script("BEGIN IMMEDIATE")
            for job in batch {
                let failure = runAlone(job, connection)
                failures.append(failure)
                guard connection.isInTransaction else {
                    // SQLite rolled everything back: what the earlier jobs wrote is gone with it.
                    throw failure ?? SQLiteError(.failed, "the transaction was ended inside a write")
                }
            }
            try connection.script("COMMIT")
            return nil
        } catch {
            connection.rollBack()
            return error
        }
    }

    private func runAlone(_ job: Job, _ connection: Connection) -> (any Error)? {
        do {
            try connection.savepoint { connection in
                if let failure = job.run(connection) { throw failure }
            }
            return nil
        } catch { return error }
    }
}

/// Carries a value from the lane to the waiting caller.
private final class Outcome<T: Sendable>: Sendable {
    let value: Mutex<T?>
    init(_ value: consuming Mutex<T?>) { self.value = value }
}

/// A connection and the promise that only one serial queue touches it.
final class Confined: @unchecked Sendable {
    // SAFETY: made from a `sending` connection, so nobody else holds one; each owner uses it on its own serial queue
    // only, and the last reference goes when that owner does.
    let connection: Connection
    init(_ connection: sending Connection) { self.connection = connection }
}
