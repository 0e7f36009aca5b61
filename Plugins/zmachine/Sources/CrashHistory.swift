import Glibc
import PluginSDK
import Synchronization

/// How often machines have ended by themselves, and which ones are being ended on purpose.
///
/// The node keeps the ends with the machine's state (`Ends`), so that a plugin that is started again goes on counting.
final class CrashHistory: Sendable {
    /// The fourth end within two minutes is the last (docs/spec/workloads.md section 6.11).
    static let limit = 4
    static let window: Int64 = 120

    /// What the node keeps of a machine that has ended by itself of late.
    struct Ends: Codable, Sendable {
        static let version: UInt32 = 1
        /// Seconds since 1970.
        var ends: [Int64]
    }

    private struct State {
        var ends: [String: [Int64]] = [:]
        var stopping: Set<String> = []
    }
    private let state = Mutex(State())

    /// Notes an end and says whether the machine may be started again.
    func mayRestart(_ workload: String, at now: Int64) -> Bool {
        state.withLock { state in
            let recent = state.ends[workload, default: []].filter { Self.isRecent($0, at: now) } + [now]
            state.ends[workload] = recent
            return recent.count < Self.limit
        }
    }

    /// What the node has to keep; nil if the machine has not ended of late.
    func kept(_ workload: String, at now: Int64) throws -> VersionedState? {
        let recent = state.withLock { $0.ends[workload, default: []] }.filter { Self.isRecent($0, at: now) }
        return recent.isEmpty ? nil : try VersionedState(version: Ends.version, keeping: Ends(ends: recent))
    }

    /// Takes what the node has kept for the machine, unless it has been counted here already.
    func restore(_ workload: String, _ kept: VersionedState?) {
        // A form that cannot be read costs no more than the count.
        guard let kept, kept.version == Ends.version, let ends = try? kept.decode(Ends.self).ends else { return }
        state.withLock { state in
            if state.ends[workload] == nil { state.ends[workload] = Array(ends.suffix(Self.limit)) }
        }
    }

    private static func isRecent(_ end: Int64, at now: Int64) -> Bool { end <= now && end > now - Self.window }

    /// Seconds since 1970.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
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
