import JSON

/// Something that was made for a plugin, written down before it is made.
struct ObjectRecord: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        // In the order of removal: what depends on others first.
        case listener, tap, attachment, exit, link, overlay, directory, segment, namespace

        /// Whether the thing outlives a reboot, and so must the record of its owner.
        var isDurable: Bool { self == .overlay || self == .directory }
    }

    let kind: Kind
    /// Unique within its kind.
    let name: String
    let plugin: String
    /// Nil: the plugin's own.
    let workload: String?
    /// What it was made with: the same request again is the same object.
    var parameters: JSONValue

    var key: String { "\(kind.rawValue)/\(name)" }
    /// The text by which a link is recognised as this node's.
    func tag(node: UInt32) -> String { "zos:\(node):\(workload ?? plugin)" }

    var json: JSONValue {
        [
            "version": 1, "kind": .string(kind.rawValue), "name": .string(name), "plugin": .string(plugin),
            "workload": workload.map(JSONValue.string) ?? .null, "parameters": parameters,
        ]
    }
}

extension ObjectRecord {
    init?(parsing bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), value["version"] == 1,
            let kind = value["kind"]?.stringValue.flatMap(Kind.init), let name = value["name"]?.stringValue,
            let plugin = value["plugin"]?.stringValue, let parameters = value["parameters"]
        else { return nil }
        self.init(
            kind: kind, name: name, plugin: plugin, workload: value["workload"]?.stringValue, parameters: parameters)
    }
}
