import Deployments

extension NodeClient {
    private static var firstPause: Duration { .milliseconds(50) }
    private static var longestPause: Duration { .seconds(1) }

    /// Waits until every goal is reached or one has failed.
    /// - Parameters:
    ///   - start: the length of the history before what is waited for was asked; 0 for a new deployment.
    ///   - progress: told every change after `start`, in order and once each.
    /// - Throws: `failed` with all workloads that failed, once none is pending any more; `timedOut` with those that are;
    ///   `cancelled`. A node that cannot be reached for a moment is asked again until the deadline.
    public func wait(
        for goals: [WorkloadGoal], contract: UInt64, after start: Int = 0, deadline: Duration,
        progress: @Sendable (Workload) -> Void = { _ in }
    ) async throws(ClientError) {
        let end = ContinuousClock.now + deadline
        var seen = start
        var pause = Self.firstPause
        while true {
            let history = try await history(contract, until: end)
            for change in history.dropFirst(seen) { progress(change) }
            if history.count > seen { pause = Self.firstPause }
            seen = max(seen, history.count)

            let verdicts = goals.map { ($0.name, $0.verdict(history, from: start)) }
            let pending = verdicts.filter { $0.1 == .pending }.map(\.0)
            if pending.isEmpty {
                let failures = verdicts.compactMap { _, verdict in
                    if case .failed(let reason) = verdict { reason } else { nil }
                }
                guard failures.isEmpty else {
                    throw ClientError(.failed, failures.joined(separator: "; "))
                }
                return
            }
            guard ContinuousClock.now + pause < end else {
                throw ClientError(
                    .timedOut, "still waiting for \(pending.joined(separator: ", ")) after \(deadline)",
                    hint: "the node goes on; look again with zos changes \(contract)", isRetryable: true)
            }
            try await Self.sleep(pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func history(_ contract: UInt64, until end: ContinuousClock.Instant) async throws(ClientError) -> [Workload]
    {
        while true {
            do throws(ClientError) {
                return try await changes(contract: contract)
            } catch {
                guard error.isRetryable, ContinuousClock.now + Self.longestPause < end else { throw error }
                try await Self.sleep(Self.longestPause)
            }
        }
    }

    private static func sleep(_ pause: Duration) async throws(ClientError) {
        do {
            try await Task.sleep(for: pause)
        } catch {
            throw ClientError(.cancelled, "the call was cancelled")
        }
    }
}
