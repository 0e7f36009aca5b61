import JSON

/// The plugin under test, as its package describes it.
public struct ConformancePlugin: Sendable {
    public let id: String
    public let version: String
    public let manifest: JSONValue
    /// By type.
    public let schemas: [String: JSONValue]

    /// - Parameter schemas: the schema of each type, by its path in the package.
    /// - Throws: naming what is missing.
    public init(manifest: JSONValue, schemas: [String: JSONValue]) throws(ConformanceFailure) {
        guard let id = manifest["id"]?.stringValue, let version = manifest["version"]?.stringValue else {
            throw ConformanceFailure("the manifest has no id or no version")
        }
        var byType: [String: JSONValue] = [:]
        for type in manifest["types"]?.arrayValue ?? [] {
            guard let name = type["name"]?.stringValue, let path = type["schema"]?.stringValue,
                let schema = schemas[path]
            else { throw ConformanceFailure("a type of the manifest has no name or no schema in the package") }
            byType[name] = schema
        }
        self.id = id
        self.version = version
        self.manifest = manifest
        self.schemas = byType
    }

    var types: [JSONValue] { manifest["types"]?.arrayValue ?? [] }

    func owns(_ type: String) -> Bool { schemas.keys.contains { $0.utf8.elementsEqual(type.utf8) } }

    func type(_ name: String) -> JSONValue? { types.first { $0["name"] == .string(name) } }

    func exports(of type: String) -> [String] {
        (self.type(type)?["exports"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    func isPausable(_ type: String) -> Bool { self.type(type)?["pausable"]?.boolValue ?? false }

    func isUpdatable(_ type: String) -> Bool { !(self.type(type)?["updatable"]?.arrayValue ?? []).isEmpty }
}
