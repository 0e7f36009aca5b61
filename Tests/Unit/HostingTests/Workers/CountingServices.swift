import Hosting
import Synchronization

/// Answers every call after a moment and counts how many were open together.
final class CountingServices: HostServices {
    private let counts = Mutex((open: 0, most: 0, total: 0))
    var most: Int { counts.withLock { $0.most } }
    var total: Int { counts.withLock { $0.total } }

    func serve(_ call: HostCall) async -> HostAnswer {
        counts.withLock { counts in
            counts.open += 1
            counts.most = max(counts.most, counts.open)
        }
        try? await Task.sleep(for: .milliseconds(5))  // Only a longer or shorter moment.
        counts.withLock { counts in
            counts.open -= 1
            counts.total += 1
        }
        return HostAnswer(.unsupported, code: "none", message: "no such service")
    }
}
