import JSON

/// The last result of one of a node's performance tasks.
public struct PerformanceResult: Sendable, Hashable, Decodable {
    public let name: String
    public let description: String
    /// Unix seconds.
    public let timestamp: UInt64
    /// Its form depends on the task (docs/spec/node-api.md section 6).
    public let result: JSONValue

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        name = try members.decode(String.self, forKey: .name)
        description = try members.value(.description, or: "")
        timestamp = try members.value(.timestamp, or: 0)
        result = try members.value(.result, or: .null)
    }

    private enum CodingKeys: String, CodingKey { case name, description, timestamp, result }
}
