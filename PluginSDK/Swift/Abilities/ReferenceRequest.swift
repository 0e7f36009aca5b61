import JSON

/// A workload that another one needs, and the kinds of exports that it wants of it.
public struct ReferenceRequest: Sendable, Hashable {
    public let name: String
    public let exports: [String]

    public init(name: String, exports: [String] = []) {
        self.name = name
        self.exports = exports
    }

    var json: JSONValue { ["name": .string(name), "exports": .array(exports.map(JSONValue.string))] }
}
