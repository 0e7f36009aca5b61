import JSON

/// What a companion may use at most. What is nil has the node's default.
public struct CompanionLimits: Sendable, Hashable {
    /// Bytes, what it prints and keeps in memory files included.
    public let memory: CompanionQuantity?
    public let processes: CompanionQuantity?
    /// Processors' worth of time.
    public let cpus: CompanionQuantity?
    /// Descriptors of one process.
    public let descriptors: UInt64
    /// Bytes of the largest file that it can write; nil: no limit of its own.
    public let file: UInt64?
    /// Bytes of output that are kept.
    public let output: UInt64
    /// How long `companion.run` may take.
    public let time: Duration

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(
            value, path, members: ["memory", "processes", "cpus", "descriptors", "file", "output", "time"])
        func quantity(_ member: String) throws(HostingError) -> CompanionQuantity? {
            guard let value = reader[member] else { return nil }
            return try CompanionQuantity(parsing: value, reader.path(member))
        }
        memory = try quantity("memory")
        processes = try quantity("processes")
        cpus = try quantity("cpus")
        descriptors = try reader.integer("descriptors", in: 16...65536, default: 1024)
        file = try reader["file"].map { _ throws(HostingError) in
            try reader.integer("file", in: 0...UInt64(Int64.max))
        }
        output = try reader.integer("output", in: 65536...(256 << 20), default: 8 << 20)
        time = .seconds(Int64(try reader.integer("time", in: 1...600, default: 600)))
    }
}
