import JSON

/// What a plugin says about itself, signed by its publisher: `plugin.json` (docs/spec/plugin-package.md section 3).
public struct Manifest: Sendable {
    /// Bytes of the file.
    public static let maximumBytes = 256 << 10
    /// Types, commands, entitlements and companions of one plugin, each.
    static let maximumList = 64

    /// A reverse domain name.
    public let id: String
    public let version: SemanticVersion
    /// The ABI versions that the object speaks.
    public let abi: ClosedRange<UInt32>
    public let summary: String
    public let homepage: String?
    /// An SPDX id.
    public let license: String?
    public let types: [TypeDeclaration]
    public let commands: [CommandDeclaration]
    /// What nodes with this plugin offer beside its types, in the words of `zos.system.node_features_get`.
    public let features: [String]
    public let entitlements: [Entitlement]
    /// What the entitlements open in the worker's sandbox.
    public let sandbox: SandboxPolicy
    public let companions: [CompanionSpecification]
    public let limits: PluginLimits
    public let state: StateDeclaration

    /// Reads a manifest. Unknown and repeated members are refused: they might mean to restrict.
    /// - Throws: `badManifest`, naming the member.
    public init(parsing bytes: [UInt8]) throws(HostingError) {
        guard bytes.count <= Self.maximumBytes else {
            throw HostingError(.badManifest, "plugin.json has more than \(Self.maximumBytes) bytes")
        }
        let text: JSONText
        let value: JSONValue
        do throws(JSONError) {
            text = try JSONText(bytes, limits: JSONLimits(maxBytes: Self.maximumBytes, maxDepth: 64))
            value = try text.value()
        } catch { throw HostingError(.badManifest, "plugin.json is no strict JSON: \(error)") }
        let reader = try ManifestObject(
            value, "plugin.json",
            members: [
                "manifest", "id", "version", "abi", "summary", "homepage", "license", "types", "commands",
                "features", "entitlements", "companions", "limits", "state",
            ])
        guard reader["manifest"]?.intValue == 1 else {
            throw HostingError(
                .badManifest, "plugin.json/manifest has to be 1, the only form of manifest that this node reads")
        }
        id = try reader.text("id")
        guard Self.isIdentifier(id) else {
            throw reader.wrong("id", "a reverse domain name of a-z, 0-9, - and ., at most 64 characters")
        }
        version = try SemanticVersion(parsing: try reader.text("version"))
        abi = try Self.abi(reader)
        summary = try reader.line("summary")
        homepage = try reader.optionalLine("homepage")
        license = try reader.optionalLine("license")
        types = try Self.types(reader, text)
        commands = try Self.list(reader, "commands") { value, path throws(HostingError) in
            try CommandDeclaration(parsing: value, path)
        }
        features = try reader.texts("features")
        guard features.count <= Self.maximumList, features.allSatisfy(CompanionText.isName) else {
            throw reader.wrong("features", "at most \(Self.maximumList) names of features")
        }
        for type in types {
            guard let info = type.info else { continue }
            guard commands.contains(where: { $0.callers == .node && $0.name.utf8.elementsEqual(info.utf8) }) else {
                throw reader.wrong("types", "with an info that names a command for the callers \"node\", not \(info)")
            }
        }
        entitlements = try Self.list(reader, "entitlements") { value, path throws(HostingError) in
            try Entitlement(parsing: value, path)
        }
        sandbox = try SandboxPolicy.make(entitlements: entitlements.map { ($0.name, $0.parameters) })
        companions = try Self.list(reader, "companions") { value, _ throws(HostingError) in
            try CompanionSpecification(parsing: value)
        }
        limits = try PluginLimits(parsing: reader["limits"] ?? [:], reader.path("limits"))
        state = try StateDeclaration(parsing: reader["state"] ?? [:], reader.path("state"))
        try Self.refuseRepeated(types.map(\.name), "types")
        try Self.refuseRepeated(commands.map(\.name), "commands")
        try Self.refuseRepeated(companions.map(\.id), "companions")
    }

    /// The comment that the package's signature must carry.
    public var trustedComment: String { "plugin:\(id) version:\(version)" }

    static func isIdentifier(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 64 && parts.count >= 2
            && parts.allSatisfy { part in
                part.first != UInt8(ascii: "-") && part.last != UInt8(ascii: "-") && !part.isEmpty
                    && part.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    }
            }
    }

    private static func abi(_ reader: ManifestObject) throws(HostingError) -> ClosedRange<UInt32> {
        let range = try ManifestObject(reader["abi"] ?? .null, reader.path("abi"), members: ["min", "max"])
        let least = UInt32(truncatingIfNeeded: try range.integer("min", in: 1...65_535))
        let most = UInt32(truncatingIfNeeded: try range.integer("max", in: 1...65_535))
        guard least <= most else { throw range.wrong("max", "at least min") }
        return least...most
    }

    private static func list<Element>(
        _ reader: ManifestObject, _ member: String,
        _ parse: (JSONValue, String) throws(HostingError) -> Element
    ) throws(HostingError) -> [Element] {
        let values = try reader.array(member)
        guard values.count <= maximumList else { throw reader.wrong(member, "at most \(maximumList) long") }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            elements.append(try parse(value, "\(reader.path(member))/\(index)"))
        }
        return elements
    }

    /// Types are read with the received text of their rules beside them.
    private static func types(_ reader: ManifestObject, _ text: JSONText) throws(HostingError) -> [TypeDeclaration] {
        var texts: [JSONText] = []
        do throws(JSONError) {
            if let list = try text.members().first(where: { $0.key.utf8.elementsEqual("types".utf8) }) {
                texts = try list.text.elements()
            }
        } catch { throw reader.wrong("types", "a list of objects") }
        var index = -1
        return try list(reader, "types") { value, path throws(HostingError) in
            index += 1
            return try TypeDeclaration(parsing: value, text: index < texts.count ? texts[index] : nil, path)
        }
    }

    private static func refuseRepeated(_ names: [String], _ member: String) throws(HostingError) {
        guard Set(names.map { Array($0.utf8) }).count == names.count else {
            throw HostingError(.badManifest, "plugin.json/\(member) declares one name twice")
        }
    }
}
