import JSON

/// A timer that has fallen due.
public struct FiredTimer<Data: Codable & Sendable>: Sendable {
    public let name: String
    /// When it was due, Unix seconds: long ago if the node was away.
    public let due: Int64
    /// What was set with it.
    public let content: JSONValue
    /// The workload that it was set for; nil for one of the plugin's own.
    public let workload: Workload<Data>?

    public init(name: String, due: Int64, content: JSONValue = .null, workload: Workload<Data>? = nil) {
        self.name = name
        self.due = due
        self.content = content
        self.workload = workload
    }
}
