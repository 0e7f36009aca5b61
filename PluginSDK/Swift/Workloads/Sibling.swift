import JSON

/// Another workload of the same deployment.
public struct Sibling: Sendable, Hashable {
    public let id: String
    public let name: String
    public let type: String
    public let version: UInt32
    public let state: String
    /// Only of types of the same plugin.
    public let data: JSONValue?
    /// Only of types of the same plugin.
    public let result: JSONValue?

    public init(
        id: String, name: String, type: String, version: UInt32 = 0, state: String = "ok", data: JSONValue? = nil,
        result: JSONValue? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.version = version
        self.state = state
        self.data = data
        self.result = result
    }

    init(_ json: JSONValue) throws {
        self.init(
            id: try json.text("id"), name: try json.text("name"), type: try json.text("type"),
            version: try json.integer("version"), state: json["state"]?.stringValue ?? "", data: json["data"],
            result: json["result"])
    }
}
