import JSON

/// An RMB command for the plugin. The node has checked who may call it and the schema of the payload.
public struct Command<Data: Codable & Sendable>: Sendable {
    public let name: String
    /// The twin that asks.
    public let caller: UInt32
    public let payload: JSONValue
    /// The caller's own workloads of the provisioner's types.
    public let workloads: [Workload<Data>]

    public init(name: String, caller: UInt32, payload: JSONValue, workloads: [Workload<Data>]) {
        self.name = name
        self.caller = caller
        self.payload = payload
        self.workloads = workloads
    }
}
