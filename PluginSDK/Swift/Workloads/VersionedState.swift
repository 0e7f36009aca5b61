import JSON

/// What a plugin asks the node to keep for a workload, with the version of its form.
public struct VersionedState: Sendable, Hashable {
    public let version: UInt32
    public let data: JSONValue

    public init(version: UInt32, data: JSONValue) {
        self.version = version
        self.data = data
    }

    /// Keeps `value` as state of that version.
    public init(version: UInt32 = 1, keeping value: some Encodable) throws {
        self.init(version: version, data: try JSONValue(encoding: value))
    }

    init?(_ json: JSONValue?) throws {
        guard let json, !json.isNull else { return nil }
        self.init(version: try json.integer("version"), data: json["data"] ?? .null)
    }

    /// The state as `type`. Look at `version` first.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try data.decode(type) }

    var json: JSONValue { ["version": .number(JSONNumber(version)), "data": data] }
}
