import Hosting
import JSON

/// A workload of a stored deployment: what was accepted, what became of it, and what its plugin wants kept.
public struct WorkloadRecord: Sendable {
    public var name: String
    public var type: String
    public var version: UInt32
    public var metadata: String
    public var description: String
    /// The data as it was received, without insignificant white space.
    public var received: String
    /// The data as plugins see it: normalised or canonical.
    public var data: JSONValue
    public var state: RecordState
    public var message: String
    /// Unix seconds of the last record.
    public var created: Int64
    public var result: JSONValue
    public var pluginState: JSONValue
    public var exports: [Export]
    public var demands: [ReferenceDemand]
    public var capacity: Capacity

    public init(
        name: String, type: String, version: UInt32, metadata: String, description: String, received: String,
        data: JSONValue, created: Int64, demands: [ReferenceDemand], capacity: Capacity
    ) {
        self.name = name
        self.type = type
        self.version = version
        self.metadata = metadata
        self.description = description
        self.received = received
        self.data = data
        state = .initial
        message = ""
        self.created = created
        result = .null
        pluginState = .null
        exports = []
        self.demands = demands
        self.capacity = capacity
    }

    public var isActive: Bool { state != .deleted }

    /// The workload as clients read it, members in the order of docs/spec/deployment.md section 4.
    public var wireText: String {
        let head =
            "{\"version\":\(version),\"name\":\(JSONValue.string(name).text),\"type\":\(JSONValue.string(type).text)"
        let middle = ",\"data\":\(received),\"metadata\":\(JSONValue.string(metadata).text)"
        let tail = ",\"description\":\(JSONValue.string(description).text),\"result\":{\"created\":\(created)"
        let result =
            ",\"state\":\"\(state.rawValue)\",\"message\":\(JSONValue.string(message).text),\"data\":\(result.text)}}"
        return head + middle + tail + result
    }
}
