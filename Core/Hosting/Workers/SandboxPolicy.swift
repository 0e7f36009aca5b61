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
        for entitlement in entitlements {
            guard let grant = Self.grants.first(where: { $0.name.utf8.elementsEqual(entitlement.name.utf8) }) else {
                let known = Self.grants.map(\.name).joined(separator: ", ")
                throw HostingError(
                    .badManifest, "the entitlement \"\(entitlement.name)\" does not exist",
                    hint: "known are \(known)")
            }
            try policy.add(grant, entitlement.parameters)
        }
        return policy
    }

    private mutating func add(_ grant: Grant, _ parameters: JSONValue) throws(HostingError) {
        capabilities.formUnion(grant.capabilities)
        needsUserNamespace = needsUserNamespace || grant.needsUserNamespace
        for call in grant.calls where !calls.contains(call) { calls.append(call) }
        guard grant.isFolder else { return }
        guard let name = parameters["name"]?.stringValue, Self.isFolderName(name) else {
            throw HostingError(
                .badManifest, "the entitlement \"folder\" has no usable name",
                hint: "give it parameters such as {\"name\": \"pool\"}: lower-case letters, digits and -")
        }
        guard !folders.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw HostingError(.badManifest, "the folder \"\(name)\" is asked for twice", hint: "name it once")
        }
        folders.append(name)
    }

    private static func isFolderName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
