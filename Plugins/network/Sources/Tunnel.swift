import Netlink
import PluginSDK

/// The WireGuard device of a network, whoever runs it.
enum Tunnel: Sendable {
    /// The kernel's own; configured through generic netlink inside the namespace.
    case kernel
    /// wireguard-go as a companion; configured through its socket.
    case companion

    static let companionID = "wireguard"

    /// The name of the companion's socket in its folder.
    static func socket(of link: String) -> String { "\(link).sock" }

    func read(_ plan: NetworkPlan, in context: Context) async throws -> WireGuardDevice {
        switch self {
        case .kernel:
            return try await Self.withGeneric(plan, context) { generic, family in
                try generic.device(plan.tunnel, family: family)
            }
        case .companion:
            let connection = try await UserspaceConnection(plan.tunnel, in: context)
            return try connection.read()
        }
    }

    func apply(_ change: WireGuardChange, to plan: NetworkPlan, in context: Context) async throws {
        guard !change.isEmpty else { return }
        switch self {
        case .kernel:
            try await Self.withGeneric(plan, context) { generic, family in
                try generic.change(plan.tunnel, change, family: family)
            }
        case .companion:
            let connection = try await UserspaceConnection(plan.tunnel, in: context)
            try connection.apply(change)
        }
    }

    private static func withGeneric<Value>(
        _ plan: NetworkPlan, _ context: Context, _ body: (GenericNetlink, _ family: UInt16) throws -> Value
    ) async throws -> Value {
        let descriptor = try await context.namespaces.netlink(.generic, in: plan.namespace)
        return try withExtendedLifetime(descriptor) {
            let generic = GenericNetlink(descriptor: descriptor.number)
            guard let family = try generic.family("wireguard") else {
                throw PluginError.failed("the kernel has WireGuard links, but nothing to configure them with")
            }
            return try body(generic, family)
        }
    }
}
