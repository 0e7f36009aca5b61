/// What the node knows about an instance now.
public struct CompanionStatus: Sendable, Hashable {
    public let plugin: String
    public let companion: String
    public let instance: String
    public let workload: String?
    public let isRunning: Bool
    /// Process id in the node's namespace; 0 if it does not run.
    public let process: Int32
    public let uptime: Duration
    /// It ended, and the node starts it again in a moment.
    public let isDue: Bool
    /// The last 2 KiB of output and errors.
    public let output: String
}
