import JSON

/// Something that a node measures or checks about itself now and then (docs/spec/node-api.md section 6).
protocol PerformanceTask: Sendable {
    /// As `zos.perf.get` names it.
    var name: String { get }
    var description: String { get }
    var schedule: PerformanceSchedule { get }
    /// Does it once. Costs are bounded by whoever implements it, and it ends when its task is cancelled or soon after.
    func run() async throws -> JSONValue
}

/// When a task runs: at whole multiples of a period since 1970 UTC, each a little later so that not all nodes start at once.
struct PerformanceSchedule: Sendable, Hashable {
    /// Seconds.
    let period: Int64
    /// Seconds that a run may be later, at most.
    let jitter: Int64
    /// Whether a node that starts does it at once, because it costs nothing.
    let isImmediate: Bool

    init(period: Int64, jitter: Int64 = 0, isImmediate: Bool = false) {
        self.period = max(1, period)
        self.jitter = max(0, jitter)
        self.isImmediate = isImmediate
    }

    /// The next time after `now`, both Unix seconds.
    /// - Parameter chance: 0 to 1, how much of the jitter is used.
    func next(after now: Int64, chance: Double) -> Int64 {
        let slot = (now / period) &* period
        let (next, overflow) = slot.addingReportingOverflow(period)
        guard !overflow else { return .max }
        return next &+ Int64(Double(jitter) * min(max(chance, 0), 1))
    }
}
