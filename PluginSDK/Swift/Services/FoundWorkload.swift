import JSON

/// A workload that was looked up.
public struct FoundWorkload: Sendable, Hashable {
    public let id: String
    public let name: String
    public let type: String
    public let version: UInt32
    /// `init`, `ok`, `paused`, `error`, `unchanged`.
    public let state: String
    /// Of the plugin's own types, and of what the asking workload refers to; otherwise nil.
    public let data: JSONValue?
    public let result: JSONValue?
    /// What the asking workload's reference to it grants.
    public let exports: [Export]

    init(_ json: JSONValue) throws {
        id = try json.text("id")
        name = try json.text("name")
        type = try json.text("type")
        version = try json.integer("version")
        state = try json.text("state")
        data = json["data"]
        result = json["result"]
        exports = try json.list("exports").map(Export.init)
    }
}
