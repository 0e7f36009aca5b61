/// When an envelope is offered to other relays again (docs/spec/rmb-relay.md section 6): three rounds with short pauses
/// between, then a rest, then again, until it expires.
struct RetryPlan {
    private static let pauses: [Duration] = [.milliseconds(100), .milliseconds(200)]
    private static let rest = Duration.seconds(3)

    private var rounds = 0

    init() {}

    /// The pause after a round in which no relay took the envelope.
    /// - Parameter spread: 0 to 1, random: how much of half the pause is added.
    mutating func pause(spread: Double) -> Duration {
        let step = rounds % (Self.pauses.count + 1)
        rounds += 1
        guard step < Self.pauses.count else { return Self.rest }
        return Self.pauses[step] * (1 + min(max(spread, 0), 1) / 2)
    }
}
