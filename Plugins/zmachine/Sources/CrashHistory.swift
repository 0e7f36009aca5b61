import Synchronization

/// How often machines have ended by themselves, and which ones are being ended on purpose.
///
/// Kept in memory: a restarted plugin begins to count anew, which at worst gives a machine a few more tries.
final class CrashHistory: Sendable {
    /// The fourth end within two minutes is the last (docs/spec/workloads.md section 6.11).
    static let limit = 4
    static let window: Duration = .seconds(120)

    private struct State {
        var ends: [String: [ContinuousClock.Instant]] = [:]
        var stopping: Set<String> = []
    }
    private let state = Mutex(State())

    /// Notes an end and says whether the machine may be started again.
    func mayRestart(_ workload: String, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            let recent = state.ends[workload, default: []].filter { $0.duration(to: now) <= Self.window } + [now]
            state.ends[workload] = recent
            return recent.count < Self.limit
        }
    }

    func isStopping(_ workload: String) -> Bool { state.withLock { $0.stopping.contains(workload) } }

    /// From now on its end is wanted.
    func beginStopping(_ workload: String) { _ = state.withLock { $0.stopping.insert(workload) } }

    /// Forgets the machine: it is gone, or begins anew.
    func forget(_ workload: String) {
        state.withLock { state in
            state.ends[workload] = nil
            state.stopping.remove(workload)
        }
    }

    /// Its end is not wanted any more; the count stays.
    func endStopping(_ workload: String) { _ = state.withLock { $0.stopping.remove(workload) } }
}
