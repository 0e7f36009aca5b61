import JSON

/// The form of what a plugin asks the node to keep for its workloads.
public struct StateDeclaration: Sendable, Hashable {
    public let version: UInt32
    /// Earlier forms that it can read.
    public let migrates: [UInt32]

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(value, path, members: ["version", "migrates"])
        let versions: ClosedRange<UInt64> = 0...UInt64(UInt32.max)
        version = UInt32(truncatingIfNeeded: try reader.integer("version", in: versions, default: 1))
        let list = try reader.array("migrates")
        migrates = list.compactMap { $0.uint64Value.flatMap(UInt32.init(exactly:)) }
        guard migrates.count == list.count else { throw reader.wrong("migrates", "a list of versions") }
    }

    /// Whether state of that form can be handed to the plugin.
    public func reads(_ version: UInt32) -> Bool { version == self.version || migrates.contains(version) }
}
