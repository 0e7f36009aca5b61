import JSON
import Signatures

/// Whose plugins an operator runs: `trust.json` (docs/spec/plugin-package.md section 5).
///
/// ```
/// { "trust": 1,
///   "publishers": [ { "key": minisign public key, "name": text, "types": ["hello", "acme-*"], "revoked": false } ],
///   "pins": { plugin id: { "digest": hex } or { "versions": ">=1.2.0 <2.0.0" } },
///   "minimum_versions": { plugin id: "1.2.0" } }
/// ```
public struct TrustPolicy: Sendable {
    public struct Publisher: Sendable, Hashable {
        public let key: MinisignPublicKey
        public internal(set) var name: String
        /// Names of types that it may serve; `*` stands for any text.
        public internal(set) var types: [String]
        public internal(set) var isRevoked: Bool
    }

    /// What of a plugin is accepted, and nothing else.
    public enum Pin: Sendable, Hashable {
        /// SHA-256 of `plugin.files`.
        case digest([UInt8])
        case versions(VersionRange)
    }

    static let maximumBytes = 1 << 20

    public internal(set) var publishers: [Publisher]
    /// By the bytes of the plugin's id, as `minimumVersions`.
    var pins: [[UInt8]: Pin]
    var minimumVersions: [[UInt8]: SemanticVersion]

    /// Trusts nobody.
    public init() { (publishers, pins, minimumVersions) = ([], [:], [:]) }

    /// Trusts one publisher with everything: the development node's own key.
    public init(trusting key: MinisignPublicKey, name: String) {
        publishers = [Publisher(key: key, name: name, types: ["*"], isRevoked: false)]
        pins = [:]
        minimumVersions = [:]
    }

    /// Reads the policy file.
    /// - Throws: `untrusted` if there is none, or none that can be read: then nobody is trusted.
    public static func load(_ path: String) throws(HostingError) -> TrustPolicy {
        guard let bytes = try PackageFolder.readFile(path, limit: maximumBytes) else {
            throw HostingError(
                .untrusted, "there is no trust policy at \(path), so no plugin is trusted",
                hint: "write one that names the publishers whose plugins this node may run")
        }
        return try TrustPolicy(parsing: bytes)
    }

    /// - Throws: `untrusted`, naming the member.
    public init(parsing bytes: [UInt8]) throws(HostingError) {
        do throws(HostingError) {
            let value = try Self.json(bytes)
            let reader = try ManifestObject(
                value, "trust.json", members: ["trust", "publishers", "pins", "minimum_versions"])
            guard reader["trust"]?.intValue == 1 else { throw reader.wrong("trust", "1") }
            var publishers: [Publisher] = []
            for (index, value) in try reader.array("publishers").enumerated() {
                publishers.append(try Self.publisher(value, "\(reader.path("publishers"))/\(index)"))
            }
            self.publishers = publishers
            var pins: [[UInt8]: Pin] = [:]
            for member in try Self.members(reader, "pins") {
                pins[Array(member.key.utf8)] = try Self.pin(member.value, "\(reader.path("pins"))/\(member.key)")
            }
            self.pins = pins
            var minimumVersions: [[UInt8]: SemanticVersion] = [:]
            for member in try Self.members(reader, "minimum_versions") {
                guard let text = member.value.stringValue else {
                    throw reader.wrong("minimum_versions", "an object of versions")
                }
                minimumVersions[Array(member.key.utf8)] = try SemanticVersion(parsing: text)
            }
            self.minimumVersions = minimumVersions
        } catch {
            throw HostingError(
                .untrusted, "the trust policy cannot be read, so no plugin is trusted: \(error.message)")
        }
    }

    private static func json(_ bytes: [UInt8]) throws(HostingError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: maximumBytes, maxDepth: 16))
        } catch { throw HostingError(.untrusted, "trust.json is no strict JSON: \(error)") }
    }

    private static func members(_ reader: ManifestObject, _ member: String) throws(HostingError) -> [JSONMember] {
        guard let value = reader[member] else { return [] }
        guard let object = value.objectValue else { throw reader.wrong(member, "an object") }
        guard object.keys.allSatisfy(Manifest.isIdentifier) else {
            throw reader.wrong(member, "an object whose members are ids of plugins")
        }
        return object.members
    }

    private static func publisher(_ value: JSONValue, _ path: String) throws(HostingError) -> Publisher {
        let reader = try ManifestObject(value, path, members: ["key", "name", "types", "revoked"])
        guard let key = try? MinisignPublicKey(try reader.text("key")) else {  // The reason is in the message below.
            throw reader.wrong("key", "a minisign public key")
        }
        return Publisher(
            key: key, name: try reader.line("name"), types: try reader.texts("types"),
            isRevoked: try reader.flag("revoked", default: false))
    }

    private static func pin(_ value: JSONValue, _ path: String) throws(HostingError) -> Pin {
        let reader = try ManifestObject(value, path, members: ["digest", "versions"])
        if reader["digest"] == nil { return .versions(try VersionRange(parsing: try reader.text("versions"))) }
        guard reader["versions"] == nil, let digest = try? Hex.decode(try reader.text("digest")),  // Reason as below.
            digest.count == 32
        else { throw reader.wrong("digest", "64 hexadecimal digits, without versions beside it") }
        return .digest(digest)
    }

    public func pin(of plugin: String) -> Pin? { pins[Array(plugin.utf8)] }
    public func minimumVersion(of plugin: String) -> SemanticVersion? { minimumVersions[Array(plugin.utf8)] }
}
