import JSON

/// What the engine says about a workload.
public struct WorkloadView: Sendable, Hashable {
    public let id: String
    public let name: String
    public let type: String
    public let version: UInt32
    public let state: String
    public let data: JSONValue
    public let result: JSONValue

    public init(
        id: String, name: String, type: String, version: UInt32, state: String, data: JSONValue, result: JSONValue
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.version = version
        self.state = state
        self.data = data
        self.result = result
    }
}
