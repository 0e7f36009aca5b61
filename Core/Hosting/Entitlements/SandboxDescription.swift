import JSON
import WorkerSandbox

/// Everything that stands around the worker and the companions of one manifest, compiled as for a start.
public struct SandboxDescription: Sendable {
    /// A call that the filter decides by itself.
    public struct Call: Sendable {
        public let name: String
        /// One reading for each rule; any that holds decides.
        public let rules: [String]
        /// The entitlement that adds it; nil for what every plugin has.
        public let entitlement: String?
    }

    let manifest: Manifest
    public let calls: [Call]
    public let filter: CompiledFilter
    /// Names of linux/capability.h without `CAP_`.
    public let capabilities: [String]

    /// - Throws: `sandboxUnavailable` if the filter cannot be compiled on this machine.
    public init(_ manifest: Manifest) throws(HostingError) {
        self.manifest = manifest
        // A worker is process 1 of a namespace of its own.
        let basic = CallRule.basic(process: 1)
        var calls = Self.group(basic, nil)
        for entitlement in manifest.entitlements {
            guard let definition = EntitlementCatalog.named(entitlement.name) else { continue }
            for call in Self.group(definition.calls, definition.name) where !calls.contains(where: { $0 == call }) {
                calls.append(call)
            }
        }
        self.calls = calls
        do throws(SandboxError) {
            filter = try CompiledFilter(rules: basic + manifest.sandbox.calls)
        } catch {
            throw HostingError(.sandboxUnavailable, "the filter cannot be compiled: \(error)")
        }
        capabilities = manifest.sandbox.capabilities.sorted().map { number in
            let names = CompanionText.capabilities
            return names.indices.contains(Int(number)) ? names[Int(number)] : "\(number)"
        }
    }

    private static func group(_ rules: [CallRule], _ entitlement: String?) -> [Call] {
        CallRule.readings(of: rules.filter { SystemCall.number(of: $0.name) != nil }).map {
            Call(name: $0.name, rules: $0.lines, entitlement: entitlement)
        }
    }

    /// Namespaces that the worker has to itself.
    var namespaces: [String] { WorkerPlan.namespaces + (manifest.sandbox.needsUserNamespace ? ["users"] : []) }

    var readable: [String] {
        WorkerPlan.libraryFolders + ["the Swift runtime's folder"] + WorkerSandbox.LaunchPlan.runtimePaths
            + ["the verified copy of the package"]
    }

    var limits: [ResourceLimit] { WorkerLimits(manifest.limits).resourceLimits(hasGroup: true) }

    /// Services beyond those that every plugin has, with the entitlement that opens each.
    var services: [(name: String, entitlement: String, parameters: JSONValue)] {
        manifest.entitlements.flatMap { entitlement in
            (EntitlementCatalog.named(entitlement.name)?.services ?? []).map {
                ($0, entitlement.name, entitlement.parameters)
            }
        }
    }
}

extension SandboxDescription.Call: Equatable {
    /// Two entitlements may add the same call; it is shown once.
    public static func == (one: Self, other: Self) -> Bool { one.name == other.name && one.rules == other.rules }
}
