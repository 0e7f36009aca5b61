import JSON

/// A right that a plugin asks for, with the reason that its publisher gives.
public struct Entitlement: Sendable, Hashable {
    public let name: String
    /// An object; what it may hold depends on the right.
    public let parameters: JSONValue
    public let reason: String

    init(parsing value: JSONValue, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(value, path, members: ["name", "parameters", "reason"])
        name = try reader.text("name")
        guard CompanionText.isName(name) else { throw reader.wrong("name", "a name from the catalogue") }
        parameters = reader["parameters"] ?? [:]
        guard parameters.objectValue != nil else { throw reader.wrong("parameters", "an object") }
        reason = try reader.line("reason")
    }
}
