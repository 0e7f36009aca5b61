import Hosting
import Testing

@Suite("WorkerLifecycle")
struct WorkerLifecycleTests {
    private let start = ContinuousClock.now
    private let crash = WorkerFailure(.crashed, "plugin x crashed")

    private func pause(_ action: WorkerLifecycle.Action, after now: ContinuousClock.Instant) -> Duration? {
        if case .wait(let until) = action { until - now } else { nil }
    }

    @Test("failures are spaced 1, 2, 4, 8 s; the fifth within a minute pauses for 2 min")
    func backOffAndBreaker() {
        var lifecycle = WorkerLifecycle()
        #expect(lifecycle.handle(.startRequested, at: start) == .launch)
        var now = start
        for expected in [1, 2, 4, 8, 120] {
            let action = lifecycle.handle(.ended(crash), at: now)
            #expect(pause(action, after: now) == .seconds(expected))
            now += .seconds(expected)
            #expect(lifecycle.handle(.timePassed, at: now) == .launch)
            #expect(lifecycle.state == .starting)
        }
    }

    @Test("the breaker stays open until the worker has served for a minute, or somebody starts it")
    func breakerIsNamed() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        var now = start
        for count in 1...5 {
            _ = lifecycle.handle(.ended(crash), at: now)
            #expect(lifecycle.isBroken == (count == 5) && lifecycle.failureCount == UInt64(count))
            now += .seconds(count == 5 ? 120 : 8)
            _ = lifecycle.handle(.timePassed, at: now)
        }
        // It comes up, and ends soon: still broken, and the longest pause at once.
        _ = lifecycle.handle(.becameReady, at: now)
        #expect(
            pause(lifecycle.handle(.ended(crash), at: now + .seconds(59)), after: now + .seconds(59)) == .seconds(120))
        #expect(lifecycle.isBroken && lifecycle.failureCount == 6)
        now += .seconds(200)
        _ = lifecycle.handle(.timePassed, at: now)
        _ = lifecycle.handle(.becameReady, at: now)
        now += .seconds(60)
        #expect(pause(lifecycle.handle(.ended(crash), at: now), after: now) == .seconds(1))
        #expect(!lifecycle.isBroken && lifecycle.failureCount == 1)
    }

    @Test("the pause never grows beyond 2 min and failures far apart do not trip the breaker")
    func ceiling() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<10 {
            now += .seconds(61)
            guard case .wait(let until) = lifecycle.handle(.ended(crash), at: now) else { break }
            pauses.append(until - now)
            now = until
            _ = lifecycle.handle(.timePassed, at: now)
        }
        #expect(pauses.map { $0.components.seconds } == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120])
    }

    @Test("a minute of service pays for earlier failures")
    func service() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        _ = lifecycle.handle(.ended(crash), at: start)
        _ = lifecycle.handle(.timePassed, at: start + .seconds(1))
        _ = lifecycle.handle(.becameReady, at: start + .seconds(2))
        let later = start + .seconds(100)
        #expect(pause(lifecycle.handle(.ended(crash), at: later), after: later) == .seconds(1))
    }

    @Test("the reason and the next attempt stay visible; time passing too early waits on")
    func visible() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        _ = lifecycle.handle(.ended(crash), at: start)
        #expect(lifecycle.state == .failed(crash, retryAt: start + .seconds(1)))
        #expect(lifecycle.handle(.timePassed, at: start) == .wait(until: start + .seconds(1)))
    }

    @Test("an incompatible plugin is not tried again until somebody starts it")
    func incompatible() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        let failure = WorkerFailure(.incompatible, "speaks ABI 9")
        #expect(lifecycle.handle(.ended(failure), at: start) == .rest)
        #expect(lifecycle.state == .failed(failure, retryAt: nil))
        #expect(lifecycle.handle(.timePassed, at: start + .seconds(999)) == .rest)
        #expect(lifecycle.handle(.startRequested, at: start) == .launch)
    }

    @Test("stopping drains, and an end while draining is no failure")
    func stopping() {
        var lifecycle = WorkerLifecycle()
        _ = lifecycle.handle(.startRequested, at: start)
        _ = lifecycle.handle(.becameReady, at: start)
        #expect(lifecycle.handle(.stopRequested, at: start) == .drain)
        #expect(lifecycle.handle(.startRequested, at: start) == .rest)
        #expect(lifecycle.handle(.ended(crash), at: start) == .rest)
        #expect(lifecycle.state == .stopped)
    }

    @Test("every event is harmless in every state")
    func total() {
        let events: [WorkerLifecycle.Event] = [
            .startRequested, .becameReady, .stopRequested, .ended(crash), .timePassed,
        ]
        for a in events {
            for b in events {
                for c in events {
                    var lifecycle = WorkerLifecycle()
                    for event in [a, b, c] { _ = lifecycle.handle(event, at: start) }
                }
            }
        }
    }
}
