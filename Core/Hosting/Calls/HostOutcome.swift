import JSON

/// What a plugin answers to provision, update, pause and resume (docs/spec/plugin-protocol.md section 2).
public struct HostOutcome: Sendable {
    public enum Kind: String, Sendable {
        /// The host now matches the data.
        case ready
        /// It did already; the earlier record stays valid.
        case present
        /// An update was refused; the old thing works untouched.
        case unchanged
    }

    public let kind: Kind
    public let result: JSONValue
    /// What the plugin asks to keep: `{"version", "data"}`, or nil to keep what there is.
    public let state: JSONValue?
    public let exports: [Export]
    public let message: String

    public init(
        _ kind: Kind, result: JSONValue = .null, state: JSONValue? = nil, exports: [Export] = [], message: String = ""
    ) {
        self.kind = kind
        self.result = result
        self.state = state
        self.exports = exports
        self.message = message
    }

    /// Reads a plugin's reply. An empty object counts as `ready`. Throws `.protocolViolation`.
    ///
    /// - Parameter declared: the kinds of exports that the manifest names for the type; others rely on nothing else.
    public init(reply: JSONValue, exporting declared: [String]) throws(HostingError) {
        guard reply.objectValue != nil else {
            throw HostingError(.protocolViolation, "the plugin's outcome is no object")
        }
        let name = reply["outcome"]?.stringValue ?? "ready"
        guard let kind = Kind(rawValue: name) else {
            throw HostingError(.protocolViolation, "the plugin's outcome '\(name)' is unknown")
        }
        var exports: [Export] = []
        for item in reply["exports"]?.arrayValue ?? [] {
            guard let kind = item["kind"]?.stringValue else {
                throw HostingError(.protocolViolation, "an export of the plugin's outcome has no kind")
            }
            guard declared.contains(where: { $0.utf8.elementsEqual(kind.utf8) }) else {
                throw HostingError(
                    .protocolViolation,
                    "the plugin exports a '\(PlainText.line(kind))', which its manifest does not declare for this type",
                    hint: "name every kind in `exports` of the type in plugin.json")
            }
            exports.append(Export(kind: kind, value: item["value"] ?? .null))
        }
        let state = reply["state"].flatMap { $0.isNull ? nil : $0 }
        self.init(
            kind, result: reply["result"] ?? .null, state: state, exports: exports,
            message: PlainText.line(reply["message"]?.stringValue ?? ""))
    }
}
