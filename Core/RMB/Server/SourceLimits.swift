import NIOCore
import Synchronization

/// How much one network source may ask for: a token bucket and a number of connections each.
final class SourceLimits: Sendable {
    /// One IPv4 address, or one IPv6 network of 64 bits, which is what one machine can choose from at will.
    struct Source: Hashable {
        private let isIPv4: Bool
        private let bits: UInt64

        init(_ address: SocketAddress?) {
            switch address {
            case .v4(let address):
                isIPv4 = true
                bits = UInt64(address.address.sin_addr.s_addr)
            case .v6(let address):
                let words = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                    (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                }
                // ::ffff:a.b.c.d is the IPv4 address behind a socket for both.
                isIPv4 = words.0 == 0 && words.1 & 0xffff_ffff == UInt64(0xffff_0000 as UInt32)
                bits = isIPv4 ? words.1 >> 32 : words.0
            default:
                isIPv4 = false
                bits = 0
            }
        }
    }

    private struct Bucket {
        var tokens: Double
        var filled: NIODeadline
        var connections = 0
    }

    private struct State {
        var buckets: [Source: Bucket] = [:]
        var connections = 0
    }

    /// Sources remembered at once; beyond, idle ones are forgotten.
    private static let sizeLimit = 1 << 14

    private let configuration: RMBServer.Configuration
    private let state = Mutex(State())

    init(_ configuration: RMBServer.Configuration) { self.configuration = configuration }

    /// Whether one more request of the source may be read.
    func admitRequest(from source: Source, at time: NIODeadline) -> Bool {
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
    func admitConnection(from source: Source, at time: NIODeadline) -> Bool {
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

    func connectionClosed(from source: Source) {
        state.withLock { state in
            state.connections -= 1
            state.buckets[source]?.connections -= 1
        }
    }

    private func bucket(_ source: Source, in state: inout State, at time: NIODeadline) -> Bucket {
        if let bucket = state.buckets[source] { return bucket }
        if state.buckets.count >= Self.sizeLimit { state.buckets = state.buckets.filter { $0.value.connections > 0 } }
        return Bucket(tokens: configuration.burst, filled: time)
    }
}
