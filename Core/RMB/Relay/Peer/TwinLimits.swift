import Synchronization

/// How much each twin may ask for over relays. Only proven senders count: nobody can use up what belongs to another.
final class TwinLimits: Sendable {
    /// Twins remembered at once; beyond, those that have rested are forgotten.
    private static let sizeLimit = 1 << 14

    private let rate: TokenBucket.Rate
    private let buckets = Mutex<[UInt32: TokenBucket]>([:])

    init(_ rate: TokenBucket.Rate) { self.rate = rate }

    /// Whether one more request of the twin is answered.
    func admit(_ twin: UInt32, at now: ContinuousClock.Instant = .now) -> Bool {
        buckets.withLock { buckets in
            if buckets[twin] == nil && buckets.count >= Self.sizeLimit {
                buckets = buckets.filter { !$0.value.isFull(rate, at: now) }
                guard buckets.count < Self.sizeLimit else { return false }
            }
            return buckets[twin, default: TokenBucket(rate, at: now)].take(rate, at: now)
        }
    }
}
