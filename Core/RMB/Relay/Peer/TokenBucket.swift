/// A steady rate with a burst.
struct TokenBucket: Sendable {
    /// Per second, and at once after a rest.
    struct Rate: Sendable {
        var perSecond: Double
        var burst: Double
    }

    private var tokens: Double
    private var filled: ContinuousClock.Instant

    init(_ rate: Rate, at now: ContinuousClock.Instant) {
        tokens = rate.burst
        filled = now
    }

    /// Whether one more may pass.
    mutating func take(_ rate: Rate, at now: ContinuousClock.Instant) -> Bool {
        let elapsed = max(0, (now - filled) / .seconds(1))
        tokens = min(rate.burst, tokens + elapsed * rate.perSecond)
        filled = max(filled, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Whether it has rested long enough to be as good as a new one.
    func isFull(_ rate: Rate, at now: ContinuousClock.Instant) -> Bool {
        tokens + (now - filled) / .seconds(1) * rate.perSecond >= rate.burst
    }
}
