/// How restarts are spaced.
public struct RestartPolicy: Sendable, Hashable {
    /// The pause after the first failure; doubled by each further one.
    public var first: Duration
    public var longest: Duration
    /// This many failures within `window` make it pause for `longest` at once.
    public var breaker: Int
    public var window: Duration

    public init(
        first: Duration = .seconds(1), longest: Duration = .seconds(120), breaker: Int = 5,
        window: Duration = .seconds(60)
    ) {
        self.first = first
        self.longest = longest
        self.breaker = breaker
        self.window = window
    }
}

/// When a worker runs, and when it is started again. Pure: what to do comes back as an action.
public struct WorkerLifecycle: Sendable, Hashable {
    public typealias Instant = ContinuousClock.Instant

    public enum State: Sendable, Hashable {
        case stopped
        case starting
        case ready(since: Instant)
        case draining
        /// Comes up again at `retryAt`; nil: only when somebody starts it.
        case failed(WorkerFailure, retryAt: Instant?)
    }

    public enum Event: Sendable, Hashable {
        case startRequested
        case becameReady
        case stopRequested
        case ended(WorkerFailure)
        case timePassed
    }

    public enum Action: Sendable, Hashable {
        case launch
        case drain
        case wait(until: Instant)
        /// Nothing to do: report the state.
        case rest
    }

    public private(set) var state: State = .stopped
    private let policy: RestartPolicy
    /// Ends of the latest runs, within the window.
    private var failures: [Instant] = []
    private var pause: Duration
    /// Whether the breaker has tripped: it failed so often that only the longest pause is left. Over when it has served for the
    /// policy's window, or when somebody starts it.
    public private(set) var isBroken = false
    /// Failures since it last served for the policy's window, or since somebody started it.
    public private(set) var failureCount: UInt64 = 0

    public init(policy: RestartPolicy = RestartPolicy()) {
        self.policy = policy
        pause = policy.first
    }

    /// Takes in what happened at `now`.
    public mutating func handle(_ event: Event, at now: Instant) -> Action {
        switch (event, state) {
        case (.startRequested, .stopped), (.startRequested, .failed):
            forgive()
            state = .starting
            return .launch
        case (.becameReady, .starting):
            state = .ready(since: now)
            return .rest
        case (.stopRequested, .starting), (.stopRequested, .ready):
            state = .draining
            return .drain
        case (.stopRequested, .failed):
            state = .stopped
            return .rest
        case (.ended, .draining):
            state = .stopped
            return .rest
        case (.ended(let failure), .starting): return fail(failure, at: now)
        case (.ended(let failure), .ready(let since)):
            // A good while of service pays for earlier failures.
            if now - since >= policy.window { forgive() }
            return fail(failure, at: now)
        case (.timePassed, .failed(_, let retryAt?)):
            guard now >= retryAt else { return .wait(until: retryAt) }
            state = .starting
            return .launch
        default: return .rest
        }
    }

    private mutating func forgive() {
        (failures, pause, isBroken, failureCount) = ([], policy.first, false, 0)
    }

    private mutating func fail(_ failure: WorkerFailure, at now: Instant) -> Action {
        failureCount += 1
        guard failure.kind != .incompatible else {
            state = .failed(failure, retryAt: nil)
            return .rest
        }
        failures = failures.filter { now - $0 < policy.window } + [now]
        if failures.count >= policy.breaker { isBroken = true }
        if isBroken { pause = policy.longest }
        let retryAt = now + pause
        pause = min(pause * 2, policy.longest)
        state = .failed(failure, retryAt: retryAt)
        return .wait(until: retryAt)
    }
}
