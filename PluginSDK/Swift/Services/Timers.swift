import JSON

/// Has the node call back (`TimerHandling`) for the context's workload, or for the plugin in a context without one. Timers
/// survive restarts, are exact to about a second, and those missed while the node was away fire once.
public struct Timers: Sendable {
    let context: Context

    /// Sets one, in place of an earlier one of that name.
    /// - Parameters:
    ///   - delay: at least a second.
    ///   - period: at least 10 seconds; nil: it fires once.
    ///   - content: comes back with the call; at most 4 KiB.
    public func set(
        _ name: String, after delay: Duration, every period: Duration? = nil, content: JSONValue = .null
    ) async throws {
        try await set(name, "after", delay.components.seconds, period, content)
    }

    /// Sets one for a time in Unix seconds.
    public func set(_ name: String, at time: Int64, every period: Duration? = nil, content: JSONValue = .null)
        async throws
    {
        try await set(name, "at", time, period, content)
    }

    private func set(_ name: String, _ member: String, _ time: Int64, _ period: Duration?, _ content: JSONValue)
        async throws
    {
        var request: JSONObject = ["name": .string(name), "content": content]
        request[member] = .number(JSONNumber(time))
        if let period { request["every"] = .number(JSONNumber(period.components.seconds)) }
        try await context.call("timer.set", request)
    }

    /// Returns whether there was one.
    @discardableResult
    public func cancel(_ name: String) async throws -> Bool {
        try await context.call("timer.cancel", ["name": .string(name)]).payload["cancelled"]?.boolValue ?? false
    }

    /// The next first.
    public func list() async throws -> [PendingTimer] {
        try await context.call("timer.list").payload.list("timers").map(PendingTimer.init)
    }
}
