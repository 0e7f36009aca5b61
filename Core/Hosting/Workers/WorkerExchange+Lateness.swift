import WorkerSandbox

/// What happens at deadlines (docs/decisions/0011-late-requests.md).
extension WorkerExchange {
    /// Requests whose deadlines have passed, taken from those that somebody waits for.
    struct Expired {
        /// The worker has them and is late.
        var late: [Request] = []
        /// The worker never got them.
        var unsent: [Request] = []
    }

    /// Requests that may be late at a time: more than a quarter of the window would leave too little to serve others.
    var lateLimit: Int { max(1, window / 4) }

    /// Ends the wait for requests whose deadline has passed, and asks the plugin whether it still answers.
    mutating func expire(at now: Instant) -> Expired {
        var expired = Expired()
        for (id, request) in open where request.lateUntil == nil && !request.isPing && request.request.deadline <= now {
            let lateness = max(request.request.deadline - request.sent, Self.leastLateness)
            open[id]?.lateUntil = now + lateness
            expired.late.append(request.request)
        }
        expired.unsent = held.filter { $0.request.deadline <= now }.map(\.request)
        held.removeAll { $0.request.deadline <= now }
        if !expired.late.isEmpty, !open.values.contains(where: \.isPing) { ping(now) }
        sendHeld(now)
        return expired
    }

    /// What shows that the plugin is stuck, and that only a new worker helps; nil if nothing does.
    func stuck(at now: Instant) -> String? {
        let late = open.values.filter { $0.lateUntil != nil }
        if late.count > lateLimit { return "left \(late.count) requests without an answer in time" }
        if open.values.contains(where: { $0.isPing && $0.request.deadline <= now }) {
            let what = late.map { "\($0.request.operation)" }.min() ?? "a request"
            return "did not answer \(what) in time, nor a ping after it"
        }
        if let request = late.first(where: { ($0.lateUntil ?? now) < now || $0.lateUntil == now }) {
            return "did not answer \(request.request.operation) in time, nor in that time once more"
        }
        return nil
    }

    private mutating func ping(_ now: Instant) {
        let request = Request(operation: .ping, deadline: now + Self.pingTime) { _ in }
        send(Held(request: request, payload: Array("{}".utf8), descriptors: []), now: now)
    }
}
