import JSON

/// What the node offers to a plugin. Provisioners use it through `Context`; tests put a fake in its place.
public protocol Host: Sendable {
    func log(_ level: LogLevel, _ message: String)

    /// Asks a service of the node (docs/spec/plugin-protocol.md section 4).
    /// - Parameter workload: the id of the workload that it is asked for.
    /// - Throws: `PluginError` as the node answered it.
    func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor]) async throws
        -> HostReply
}
