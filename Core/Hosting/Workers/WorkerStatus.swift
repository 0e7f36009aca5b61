/// Where a plugin stands, for people.
public struct WorkerStatus: Sendable, Hashable {
    /// With the reason and the time of the next attempt after a failure.
    public let state: WorkerLifecycle.State
    /// What the plugin said about itself, while it runs.
    public let ready: WorkerReady?
    /// How many lives have ended.
    public let restarts: UInt64
    /// Whether the breaker has tripped (`RestartPolicy.breaker`).
    public let isBroken: Bool
    /// Failures since it last served well for a while.
    public let failures: UInt64
    /// What it last said about its health; nil if it was not asked yet or lacks the ability.
    public let health: PluginHealth?

    /// One word, for lists.
    public var name: String {
        switch state {
        case .stopped: "stopped"
        case .starting: "starting"
        case .ready: "ready"
        case .draining: "draining"
        case .failed: isBroken ? "broken" : "failed"
        }
    }
}
