import JSON

/// A workload that another one names, and that the node let it see.
public struct Reference: Sendable, Hashable {
    /// Where the data names it, as a JSON pointer.
    public let pointer: String
    public let name: String
    /// Its workload id.
    public let workload: String
    public let type: String
    public let state: String
    public let data: JSONValue
    public let result: JSONValue
    public let exports: [Export]

    public init(
        pointer: String, name: String, workload: String, type: String, state: String = "ok", data: JSONValue = [:],
        result: JSONValue = .null, exports: [Export] = []
    ) {
        self.pointer = pointer
        self.name = name
        self.workload = workload
        self.type = type
        self.state = state
        self.data = data
        self.result = result
        self.exports = exports
    }

    init(_ json: JSONValue) throws {
        self.init(
            pointer: json["pointer"]?.stringValue ?? "", name: try json.text("name"),
            workload: try json.text("workload"), type: try json.text("type"), state: try json.text("state"),
            data: json["data"] ?? .null, result: json["result"] ?? .null,
            exports: try json.list("exports").map(Export.init))
    }

    /// The value of the first export of that kind.
    public func export(_ kind: String) -> JSONValue? {
        exports.first { $0.kind.utf8.elementsEqual(kind.utf8) }?.value
    }

    /// Whether it can be used: it is there, running or paused.
    public var isUsable: Bool { state == "ok" || state == "paused" }
}
