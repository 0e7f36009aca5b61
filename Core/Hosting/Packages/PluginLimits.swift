import JSON

/// What the worker of a plugin may use at most.
public struct PluginLimits: Sendable, Hashable {
    /// Operations whose deadline a manifest may set, and the longest that it may ask for, in seconds.
    static let operations = [
        "start", "initialize", "validate", "capacity", "references", "provision", "update", "pause", "resume",
        "deprovision", "command", "health", "companionExited",
    ]
    private static let longestDeadline: UInt64 = 3_600

    /// Bytes.
    public let memory: UInt64
    /// Threads: the worker itself never forks.
    public let processes: UInt64
    public let descriptors: UInt64
    /// Requests that the node keeps open at a time (docs/spec/plugin-protocol.md section 1 allows 64).
    public let calls: Int
    /// By operation; absent ones have the node's own.
    public let deadlines: [String: Duration]

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(
            value, path, members: ["memory", "processes", "descriptors", "calls", "deadlines"])
        memory = try reader.integer("memory", in: 16 << 20...4 << 30, default: 256 << 20)
        processes = try reader.integer("processes", in: 1...256, default: 32)
        descriptors = try reader.integer("descriptors", in: 16...4_096, default: 64)
        calls = Int(truncatingIfNeeded: try reader.integer("calls", in: 1...64, default: 16))
        let members = try ManifestObject(
            reader["deadlines"] ?? [:], reader.path("deadlines"), members: Self.operations)
        var deadlines: [String: Duration] = [:]
        for operation in Self.operations where members[operation] != nil {
            deadlines[operation] = .seconds(
                Int64(truncatingIfNeeded: try members.integer(operation, in: 1...Self.longestDeadline)))
        }
        self.deadlines = deadlines
    }
}
