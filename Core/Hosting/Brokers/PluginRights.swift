import JSON

/// What one plugin may ask for, taken from its verified manifest.
public struct PluginRights: Sendable {
    public let plugin: String
    /// Entitlements by name, with their parameters.
    public let entitlements: [String: JSONValue]
    public let companions: [CompanionSpecification]
    /// The plugin's own folder, below which its exports lie.
    public let folder: OwnedDescriptor?
    /// The user namespace that owns the network namespaces made for it.
    public let userNamespace: OwnedDescriptor?

    public init(
        plugin: String, entitlements: [String: JSONValue], companions: [CompanionSpecification] = [],
        folder: OwnedDescriptor? = nil, userNamespace: OwnedDescriptor? = nil
    ) {
        self.plugin = plugin
        self.entitlements = entitlements
        self.companions = companions
        self.folder = folder
        self.userNamespace = userNamespace
    }
}
