import Synchronization

/// Tells that something was heard.
struct Heartbeat: Sendable {
    fileprivate final class Time: Sendable {
        let last = Mutex(ContinuousClock.now)
    }

    fileprivate let time = Time()

    func beat() { time.last.withLock { $0 = .now } }
}

/// Runs `body` and ends it with nil when it lets no heartbeat be heard for `limit`.
func withSilenceLimit<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable (Heartbeat) async throws -> Value
) async throws -> Value? {
    let heart = Heartbeat()
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body(heart) }
        group.addTask {
            while true {
                let left = heart.time.last.withLock { $0 } + limit - .now
                guard left > .zero else { return nil }
                try await Task.sleep(for: left)
            }
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
