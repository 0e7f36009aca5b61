import JSON
import Schema

/// Which plugin serves which type and which command. Made from the packages that were loaded.
public struct TypeCatalog: Sendable {
    /// A plugin that is not loaded although its package is in order, and why.
    public struct Refusal: Sendable {
        public let plugin: String
        public let reason: HostingError
    }

    /// A command and the plugin that serves it.
    public struct Command: Sendable {
        public let plugin: String
        public let declaration: CommandDeclaration
        /// What the payload must be; nil for anything.
        public let request: Schema?
    }

    /// By name.
    public let types: [HostedType]
    public let commands: [Command]
    /// What loaded plugins add to the node's features.
    public let features: [String]
    /// Ids of the plugins that are loaded.
    public let plugins: [String]
    public let refusals: [Refusal]

    /// Two plugins that claim one type or command: neither is loaded, unless exactly one of them is pinned.
    /// - Parameter reservedCommands: beginnings of commands that are the node's own, such as `zos.deployment.`.
    public init(_ packages: [PluginPackage], trust: TrustPolicy, reservedCommands: [String] = []) {
        var refusals: [Refusal] = []
        var claims: [[UInt8]: [PluginPackage]] = [:]
        for package in packages {
            for claim in Self.claims(of: package) { claims[claim, default: []].append(package) }
        }
        var accepted: [PluginPackage] = []
        for package in packages.sorted(by: { $0.manifest.id < $1.manifest.id }) {
            if let reason = Self.conflict(of: package, claims, trust) ?? Self.reserved(package, reservedCommands) {
                refusals.append(Refusal(plugin: package.manifest.id, reason: reason))
            } else {
                accepted.append(package)
            }
        }
        types = accepted.flatMap { package in package.types.map { Self.hosted($0, of: package.manifest) } }
            .sorted { $0.name < $1.name }
        commands = accepted.flatMap { package in
            package.commands.map {
                Command(plugin: package.manifest.id, declaration: $0.declaration, request: $0.request)
            }
        }.sorted { $0.declaration.name < $1.declaration.name }
        features = accepted.flatMap(\.manifest.features)
        plugins = accepted.map(\.manifest.id)
        self.refusals = refusals
    }

    public func type(named name: String) -> HostedType? {
        types.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    public func command(named name: String) -> Command? {
        commands.first { $0.declaration.name.utf8.elementsEqual(name.utf8) }
    }

    private static func claims(of package: PluginPackage) -> [[UInt8]] {
        package.types.map { Array("type \($0.declaration.name)".utf8) }
            + package.commands.map { Array("command \($0.declaration.name)".utf8) }
    }

    private static func conflict(
        of package: PluginPackage, _ claims: [[UInt8]: [PluginPackage]], _ trust: TrustPolicy
    ) -> HostingError? {
        let isPinned = trust.pin(of: package.manifest.id) != nil
        for claim in Self.claims(of: package) {
            let rivals = (claims[claim] ?? []).map(\.manifest.id).filter { $0 != package.manifest.id }
            guard let rival = rivals.first(where: { !isPinned || trust.pin(of: $0) != nil }) else { continue }
            return HostingError(
                .typeConflict,
                "\(package.manifest.id) and \(rival) both claim the \(String(decoding: claim, as: UTF8.self))",
                hint: "pin the one that you want in trust.json, or remove the other")
        }
        return nil
    }

    private static func reserved(_ package: PluginPackage, _ reserved: [String]) -> HostingError? {
        for command in package.manifest.commands {
            guard reserved.contains(where: { command.name.utf8.starts(with: $0.utf8) }) else { continue }
            return HostingError(
                .typeConflict, "\(package.manifest.id) claims the command \(command.name), which is the node's own")
        }
        return nil
    }

    private static func hosted(_ type: PluginPackage.PackagedType, of manifest: Manifest) -> HostedType {
        let declaration = type.declaration
        let schema = type.schema
        let document = schema.document
        let summary = document["description"]?.stringValue ?? document["title"]?.stringValue ?? manifest.summary
        return HostedType(
            name: declaration.name, plugin: manifest.id, pluginVersion: manifest.version.text, summary: summary,
            schema: document, isShareable: declaration.isShareable, updatable: declaration.updatable,
            isPausable: declaration.isPausable, references: declaration.references, exports: declaration.exports,
            info: declaration.info,
            violation: { data in
                let violations = schema.validate(data)
                return violations.isEmpty ? nil : violations.map(\.description).joined(separator: "; ")
            })
    }
}
