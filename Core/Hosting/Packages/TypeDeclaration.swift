import Deployments
import JSON

/// A workload type that a plugin serves.
public struct TypeDeclaration: Sendable {
    /// Bytes of a name: it becomes part of device names, log lines and paths.
    static let longestName = 48

    public let name: String
    /// The file of its JSON Schema, a path inside the package.
    public let schema: String
    /// Whether workloads of the twin's other deployments may refer to it.
    public let isShareable: Bool
    /// JSON pointers of members that may change in place; `""` stands for all of the data.
    public let updatable: [String]
    public let isPausable: Bool
    public let references: [ReferenceDeclaration]
    /// Kinds of exports that it publishes.
    public let exports: [String]
    /// The plugin's command that the node asks about one workload when an administrator looks at it; nil for none.
    public let info: String?
    /// How its data is decoded and hashed: the table's rule, or the canonical one. Nothing that a package says changes it.
    public let rule: ChallengeRule

    /// - Parameter text: the received text of the same object, for its `rule`.
    init(parsing value: JSONValue, text: JSONText?, _ path: String) throws(HostingError) {
        let reader = try ManifestObject(
            value, path,
            members: ["name", "schema", "shareable", "updatable", "pausable", "references", "exports", "info", "rule"])
        name = try reader.text("name")
        rule = try Self.rule(of: name, reader, text)
        guard name.utf8.count <= Self.longestName else {
            throw HostingError(.badManifest, "type-name: \(path)/name has more than \(Self.longestName) characters")
        }
        schema = try reader.text("schema")
        guard PackagePath.isValid(schema) else { throw reader.wrong("schema", "the path of a file of the package") }
        isShareable = try reader.flag("shareable", default: false)
        isPausable = try reader.flag("pausable", default: false)
        updatable = try reader.texts("updatable")
        guard updatable.allSatisfy(Self.isPointer) else {
            throw reader.wrong("updatable", "JSON pointers such as \"/size\", or \"\" for all")
        }
        exports = try reader.texts("exports")
        guard exports.allSatisfy(CompanionText.isName) else { throw reader.wrong("exports", "names of export kinds") }
        var references: [ReferenceDeclaration] = []
        for (index, value) in try reader.array("references").enumerated() {
            references.append(try Self.reference(value, "\(reader.path("references"))/\(index)"))
        }
        self.references = references
        info = reader["info"] == nil ? nil : try reader.text("info")
    }

    private static func rule(
        of name: String, _ reader: ManifestObject, _ text: JSONText?
    ) throws(HostingError) -> ChallengeRule {
        var declared: [UInt8]?
        if reader["rule"] != nil {
            let members = (try? text?.members()) ?? []  // Absent only if there is no such object: then no rule either.
            declared = members.last { $0.key.utf8.elementsEqual("rule".utf8) }?.text.received
        }
        do throws(DeploymentError) {
            return try ChallengeRule.forPackage(type: name, declared: declared)
        } catch {
            throw HostingError(.badManifest, "\(error.code.rawValue): \(reader.path("rule")): \(error.message)")
        }
    }

    private static func reference(_ value: JSONValue, _ path: String) throws(HostingError) -> ReferenceDeclaration {
        let reader = try ManifestObject(value, path, members: ["pointer", "exports", "types", "scope"])
        let pointer = try reader.text("pointer")
        guard !pointer.isEmpty, isPointer(pointer) else { throw reader.wrong("pointer", "a JSON pointer") }
        guard let scope = ReferenceDeclaration.Scope(rawValue: try reader.text("scope", default: "deployment")) else {
            throw reader.wrong("scope", #""deployment" or "twin""#)
        }
        let exports = try reader.texts("exports")
        guard exports.allSatisfy(CompanionText.isName) else { throw reader.wrong("exports", "names of export kinds") }
        return ReferenceDeclaration(
            pointer: pointer, exports: exports, types: reader["types"] == nil ? nil : try reader.texts("types"),
            scope: scope)
    }

    /// RFC 6901: empty, or parts that each begin with `/`, with no `~` but in `~0` and `~1`.
    private static func isPointer(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        var rest = Array(text.utf8)[...]
        guard rest.first == UInt8(ascii: "/"), rest.count <= 1024 else { return false }
        while let byte = rest.popFirst() {
            if byte < 0x20 { return false }
            guard byte == UInt8(ascii: "~") else { continue }
            guard let escape = rest.popFirst(), escape == UInt8(ascii: "0") || escape == UInt8(ascii: "1") else {
                return false
            }
        }
        return true
    }
}
