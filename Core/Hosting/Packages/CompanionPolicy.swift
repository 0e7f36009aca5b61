import JSON

/// What companions may have at most, whatever their manifests ask for: the operator's word (`companions` of the configuration).
///
/// One entry for a companion, or for several by `*`; a companion is accepted if one entry covers all of it. The node itself
/// brings no entry: it knows no plugin.
public struct CompanionPolicy: Sendable, Hashable {
    /// What an entry lets a companion be.
    public struct Allowance: Sendable, Hashable {
        /// Absolute paths; `*` stands for any text.
        public var programs: [String]
        public var users: Set<CompanionSpecification.User>
        /// Bit per capability.
        public var capabilities: UInt64
        /// Of `empty`, `slot` and `node`.
        public var networks: Set<String>
        /// Where it may have mounts; patterns like programs.
        public var mounts: [String]
        /// Name of the publisher in trust.json that has to have signed the plugin; nil for any that is trusted.
        public var publisher: String?
    }

    public private(set) var entries: [String: Allowance]

    /// No companion at all.
    public static let nothing = CompanionPolicy(entries: [:])

    init(entries: [String: Allowance]) { self.entries = entries }

    /// - Parameter value: a table, `{"<plugin>/<companion>": {"programs", "users", "capabilities", "networks", "mounts",
    ///   "publisher"}}`; what an entry leaves out is: user `own`, no capability, no network but an empty one, no mount.
    /// - Throws: `invalid`, naming the entry and its member.
    public init(parsing value: JSONValue) throws(HostingError) {
        guard let table = value.objectValue else { throw HostingError(.invalid, "companions has to be a table") }
        entries = [:]
        for member in table.members { entries[member.key] = try Self.allowance(member.value, member.key) }
    }

    private static func allowance(_ value: JSONValue, _ name: String) throws(HostingError) -> Allowance {
        do throws(HostingError) {
            guard name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).count == 2 else {
                throw HostingError(.badManifest, "\(name) has to be like \"org.example.plugin/companion\"")
            }
            let reader = try ManifestObject(
                value, name, members: ["programs", "users", "capabilities", "networks", "mounts", "publisher"])
            let users = try reader["users"] == nil ? ["own"] : reader.texts("users")
            let networks = try reader["networks"] == nil ? ["empty"] : reader.texts("networks")
            guard users.allSatisfy({ CompanionSpecification.User(rawValue: $0) != nil }) else {
                throw reader.wrong("users", #"a list of "own" and "root""#)
            }
            guard networks.allSatisfy(["empty", "slot", "node"].contains) else {
                throw reader.wrong("networks", #"a list of "empty", "slot" and "node""#)
            }
            for member in ["programs", "mounts"] {
                guard try reader.texts(member).allSatisfy({ $0.hasPrefix("/") }) else {
                    throw reader.wrong(member, "a list of absolute paths")
                }
            }
            return Allowance(
                programs: try reader.texts("programs"),
                users: Set(users.compactMap(CompanionSpecification.User.init(rawValue:))),
                capabilities: try CompanionText.capabilities(in: reader), networks: Set(networks),
                mounts: try reader.texts("mounts"), publisher: try reader.optionalLine("publisher"))
        } catch {
            throw HostingError(.invalid, "companions: \(error.message)", hint: "see docs/companions.md")
        }
    }

    /// Accepts every companion of a plugin, or throws.
    /// - Parameter publisher: its name in trust.json.
    /// - Throws: `untrusted`, with what an entry lacks and the line to add.
    public func check(_ manifest: Manifest, publisher: String) throws(HostingError) {
        for companion in manifest.companions { try check(companion, of: manifest.id, publisher: publisher) }
    }

    func check(
        _ companion: CompanionSpecification, of plugin: String, publisher: String?
    ) throws(HostingError) {
        let name = "\(plugin)/\(companion.id)"
        let candidates = entries.filter { entry in
            TrustPolicy.matches(name, pattern: entry.key)
                && (entry.value.publisher == nil || publisher == nil || entry.value.publisher == publisher)
        }
        let excesses = candidates.sorted { $0.key < $1.key }.map { Self.excess(companion, over: $0.value) }
        if excesses.contains(where: \.isEmpty) { return }
        let reason = excesses.first.map { "asks for " + $0.joined(separator: " and ") } ?? "has no entry"
        throw HostingError(
            .untrusted, "companion \(name) \(reason), which the operator has not allowed",
            hint: "to allow it, add to [companions] in the node's configuration: \(Self.line(companion, name))")
    }

    /// What the companion has beyond the allowance, in words; empty if nothing.
    private static func excess(_ companion: CompanionSpecification, over allowance: Allowance) -> [String] {
        var excess: [String] = []
        func fits(_ text: String, _ patterns: [String]) -> Bool {
            patterns.contains { TrustPolicy.matches(text, pattern: $0) }
        }
        if !fits(companion.program, allowance.programs) { excess.append("program \(companion.program)") }
        if !allowance.users.contains(companion.user) { excess.append("user \(companion.user.rawValue)") }
        for name in CompanionText.names(of: companion.capabilities & ~allowance.capabilities) {
            excess.append("capability \(name)")
        }
        if !allowance.networks.contains(companion.network.name) { excess.append("network \(companion.network.name)") }
        for mount in companion.mounts where !fits(mount.at, allowance.mounts) {
            excess.append("a mount at \(mount.at)")
        }
        return excess
    }

    /// The entries, as lines of TOML, that cover exactly the companions of a plugin.
    public static func lines(covering manifest: Manifest) -> [String] {
        manifest.companions.map { line($0, "\(manifest.id)/\($0.id)") }
    }

    private static func line(_ companion: CompanionSpecification, _ name: String) -> String {
        func list(_ texts: [String]) -> String {
            "[" + texts.map { JSONValue.string($0).text }.joined(separator: ", ") + "]"
        }
        var members = ["programs = \(list([companion.program]))"]
        if companion.user != .own { members.append("users = \(list([companion.user.rawValue]))") }
        let capabilities = CompanionText.names(of: companion.capabilities)
        if !capabilities.isEmpty { members.append("capabilities = \(list(capabilities))") }
        if companion.network != .empty { members.append("networks = \(list([companion.network.name]))") }
        if !companion.mounts.isEmpty { members.append("mounts = \(list(companion.mounts.map(\.at)))") }
        return "\(JSONValue.string(name).text) = { \(members.joined(separator: ", ")) }"
    }
}

extension CompanionSpecification.Network {
    /// As the operator's policy calls it.
    var name: String {
        switch self {
        case .empty: "empty"
        case .node: "node"
        case .slot: "slot"
        }
    }
}
