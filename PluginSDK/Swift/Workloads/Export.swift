import JSON

/// Something that a workload hands to those that name it (docs/spec/plugin-protocol.md section 3).
public struct Export: Sendable, Hashable {
    public let kind: String
    public let value: JSONValue

    public init(kind: String, value: JSONValue) {
        self.kind = kind
        self.value = value
    }

    /// A file below the plugin's folder that serves as a disk of `size` bytes.
    public static func blockDevice(path: String, size: UInt64) -> Export {
        Export(kind: "block-device", value: ["path": .string(path), "size": .number(JSONNumber(size))])
    }

    /// A directory below the plugin's folder.
    public static func directory(path: String) -> Export {
        Export(kind: "directory", value: ["path": .string(path)])
    }

    /// A directory of limited size that `context.directories` made, for this workload.
    public static func directory(_ name: String) -> Export {
        Export(kind: "directory", value: ["directory": .string(name)])
    }

    /// A segment that the plugin has made, with further members for the reader.
    public static func segment(_ name: String, _ members: JSONObject = [:]) -> Export {
        var value = members
        value["segment"] = .string(name)
        return Export(kind: "segment", value: .object(value))
    }

    public static func address(_ value: JSONValue) -> Export { Export(kind: "address", value: value) }

    init(_ json: JSONValue) throws { self.init(kind: try json.text("kind"), value: json["value"] ?? .null) }

    var json: JSONValue { ["kind": .string(kind), "value": value] }
}
