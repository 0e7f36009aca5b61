import JSON

/// A workload as the node hands it to its plugin (docs/spec/plugin-protocol.md section 2).
public struct Workload<Data: Codable & Sendable>: Sendable {
    /// `<twin>-<contract>-<name>`: unique on the node, and what to derive every name on the host from.
    public var id: String
    public var twin: UInt32
    public var contract: UInt64
    public var name: String
    public var type: String
    public var version: UInt32
    public var data: Data
    public var metadata: String
    public var description: String
    /// Whether the user has paused it: after provision it must not run.
    public var isPaused: Bool
    /// The last result that the plugin returned for it; nil before the first.
    public var previousResult: JSONValue?
    /// What the plugin asked the node to keep.
    public var state: VersionedState?
    /// The workloads that it names, with what they hand over.
    public var references: [Reference]
    /// The other workloads of its deployment.
    public var siblings: [Sibling]
    /// The public addresses of its contract.
    public var reserved: [ReservedAddress]

    public init(
        id: String, twin: UInt32, contract: UInt64, name: String, type: String, version: UInt32 = 0, data: Data,
        metadata: String = "", description: String = "", isPaused: Bool = false, previousResult: JSONValue? = nil,
        state: VersionedState? = nil, references: [Reference] = [], siblings: [Sibling] = [],
        reserved: [ReservedAddress] = []
    ) {
        self.id = id
        self.twin = twin
        self.contract = contract
        self.name = name
        self.type = type
        self.version = version
        self.data = data
        self.metadata = metadata
        self.description = description
        self.isPaused = isPaused
        self.previousResult = previousResult
        self.state = state
        self.references = references
        self.siblings = siblings
        self.reserved = reserved
    }

    init(_ json: JSONValue, isPaused: Bool = false) throws {
        self.init(
            id: try json.text("id"), twin: try json.integer("twin"), contract: try json.integer("contract"),
            name: try json.text("name"), type: try json.text("type"), version: try json.integer("version"),
            data: try decodeData(json["data"]), metadata: json["metadata"]?.stringValue ?? "",
            description: json["description"]?.stringValue ?? "", isPaused: isPaused,
            previousResult: nonNull(json["result"]), state: try VersionedState(json["state"]),
            references: try json.list("references").map(Reference.init),
            siblings: try json.list("siblings").map(Sibling.init),
            reserved: try json.list("reserved").map(ReservedAddress.init))
    }

    /// Whether the node keeps an earlier outcome of it: only then may provision answer `.present`.
    public var wasReady: Bool {
        if case .some = previousResult { return true }
        return state != nil
    }

    /// The workload that the data names at `pointer` (RFC 6901), if it could be resolved.
    public func reference(_ pointer: String) -> Reference? {
        references.first { $0.pointer.utf8.elementsEqual(pointer.utf8) }
    }
}

/// Decodes what the schema has let through; the error says that the data is at fault, not the plugin.
func decodeData<Data: Decodable>(_ json: JSONValue?) throws -> Data {
    guard let json else { throw PluginError.invalid("the workload has no data") }
    do { return try json.decode(Data.self) } catch { throw PluginError.invalid("data does not fit its type: \(error)") }
}

/// Absent and `null` are the same here. Spelled out, since `nil` in the place of a `JSONValue` means `.null`.
private func nonNull(_ value: JSONValue?) -> JSONValue? {
    guard let value, !value.isNull else { return Optional.none }
    return value
}
