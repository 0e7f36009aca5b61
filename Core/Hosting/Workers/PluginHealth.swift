/// What a plugin with the ability `health` last said about itself.
public struct PluginHealth: Sendable, Hashable {
    public let isHealthy: Bool
    /// Why it is not healthy, in its own words or the node's.
    public let message: String
    /// Bad or missing answers in a row.
    public let failures: Int

    /// For people: `healthy`, or what is wrong.
    public var text: String { isHealthy ? "healthy" : "unhealthy: \(message)" }
}

/// How plugins with the ability `health` are asked.
public struct HealthPolicy: Sendable, Hashable {
    /// From one answer to the next question.
    public var period: Duration
    public var deadline: Duration
    /// This many bad or missing answers in a row end the worker, which is started again with the usual pauses.
    public var failures: Int

    public init(period: Duration = .seconds(15), deadline: Duration = .seconds(5), failures: Int = 3) {
        self.period = period
        self.deadline = deadline
        self.failures = max(1, failures)
    }
}
