import JSON

/// A timer that is set.
public struct PendingTimer: Sendable, Hashable {
    public let name: String
    /// Unix seconds.
    public let due: Int64
    /// Seconds; nil for one that fires once.
    public let period: Int64?
    public let content: JSONValue

    init(_ json: JSONValue) throws {
        name = try json.text("name")
        due = try json.integer("due")
        period = json["every"]?.int64Value
        content = json["content"] ?? .null
    }
}
