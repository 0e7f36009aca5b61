import JSON
import WorkerSandbox

/// What a worker may do beyond the basic sandbox, as its entitlements grant.
public struct SandboxPolicy: Sendable, Hashable {
    /// Numbers of the capabilities that the worker keeps.
    public var capabilities: Set<UInt32> = []
    /// Whether it lives in a user namespace of its own, where those capabilities count.
    public var needsUserNamespace = false
    /// Names of the plugin's own folders.
    public var folders: [String] = []
    /// System calls beyond the basic set.
    public var calls: [CallRule] = []

    public init() {}

    /// The policy of a manifest.
    ///
    /// - Parameter entitlements: names and parameters, as in the manifest's `entitlements`.
    /// - Throws: `badManifest` for an unknown name or wrong parameters: nothing is granted by mistake.
    public static func make(entitlements: [(name: String, parameters: JSONValue)]) throws(HostingError) -> SandboxPolicy
    {
        var policy = SandboxPolicy()
        var seen: Set<String> = []
        for entitlement in entitlements {
            guard let definition = EntitlementCatalog.named(entitlement.name) else {
                throw HostingError(
                    .badManifest, "the entitlement \"\(entitlement.name)\" does not exist",
                    hint: Spelling.hint(for: entitlement.name, among: EntitlementCatalog.all.map(\.name)))
            }
            guard seen.insert(definition.name).inserted || definition.name == Self.folder else {
                throw HostingError(
                    .badManifest, "the entitlement \"\(definition.name)\" is asked for twice",
                    hint: "ask for it once, with all that it has to cover")
            }
            try policy.add(definition, entitlement.parameters)
        }
        return policy
    }

    private static let folder = "folder"

    private mutating func add(_ definition: EntitlementDefinition, _ parameters: JSONValue) throws(HostingError) {
        try definition.check(parameters)
        capabilities.formUnion(definition.capabilities)
        needsUserNamespace = needsUserNamespace || definition.needsUserNamespace
        for call in definition.calls where !calls.contains(call) { calls.append(call) }
        guard definition.name == Self.folder, let name = parameters["name"]?.stringValue else { return }
        guard !folders.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw HostingError(.badManifest, "the folder \"\(name)\" is asked for twice", hint: "name it once")
        }
        folders.append(name)
    }
}
