import NIOCore
import Synchronization

/// How much one network source may ask for: a token bucket and a number of connections each.
final class SourceLimits: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: NIODeadline
        var connections = 0
    }

    private struct State {
        var buckets: [NetworkSource: Bucket] = [:]
        var connections = 0
    }

    /// Sources remembered at once; beyond, idle ones are forgotten.
    private static let sizeLimit = 1 << 14

    private let configuration: RMBServer.Configuration
    private let state = Mutex(State())

    init(_ configuration: RMBServer.Configuration) { self.configuration = configuration }

    /// Whether one more request of the source may be read.
    func admitRequest(from source: NetworkSource, at time: NIODeadline) -> Bool {
        state.withLock { state in
            var bucket = self.bucket(source, in: &state, at: time)
            let elapsed = Double((time - bucket.filled).nanoseconds) / 1e9
            bucket.tokens = min(configuration.burst, bucket.tokens + elapsed * configuration.requestsPerSecond)
            bucket.filled = time
            let isAdmitted = bucket.tokens >= 1
            if isAdmitted { bucket.tokens -= 1 }
            state.buckets[source] = bucket
            return isAdmitted
        }
    }

    /// Whether one more connection of the source may be open. Each admitted one needs `connectionClosed`.
    func admitConnection(from source: NetworkSource, at time: NIODeadline) -> Bool {
        state.withLock { state in
            var bucket = self.bucket(source, in: &state, at: time)
            guard state.connections < configuration.connectionLimit,
                bucket.connections < configuration.connectionsPerSource
            else { return false }
            state.connections += 1
            bucket.connections += 1
            state.buckets[source] = bucket
            return true
        }
    }

    func connectionClosed(from source: NetworkSource) {
        state.withLock { state in
            state.connections -= 1
            state.buckets[source]?.connections -= 1
        }
    }

    private func bucket(_ source: NetworkSource, in state: inout State, at time: NIODeadline) -> Bucket {
        if let bucket = state.buckets[source] { return bucket }
        if state.buckets.count >= Self.sizeLimit { state.buckets = state.buckets.filter { $0.value.connections > 0 } }
        return Bucket(tokens: configuration.burst, filled: time)
    }
}
