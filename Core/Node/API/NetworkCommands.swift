import Addresses
import JSON
import RMB

/// `zos.network.*`: the node's own addresses (docs/spec/node-api.md section 5). Commands about workloads come from plugins.
struct NetworkCommands: Sendable {
    /// The operator's public configuration, and the ledger's; null for none.
    let configured: JSONValue
    let registered: @Sendable () -> JSONValue

    func register(on router: Router) {
        router.register("zos.network.interfaces") { _ in
            let planetary = HostInterfaces.planetary()
            let own = HostInterfaces.addresses().map(\.address).filter { !planetary.contains($0) }
            return ["zos": .array(own.map { .string($0) }), "ygg": .array(planetary.map { .string($0) })]
        }
        router.register("zos.network.has_ipv6") { _ in
            let all = try interfaces().flatMap(\.addresses)
            guard all.contains(where: \.address.isGlobalV6) else { throw CallError("no public ipv6 found") }
            return true
        }
        router.register("zos.network.public_config_get") { _ in try publicConfiguration() }
    }

    private func interfaces() throws(CallError) -> [HostInterfaces.Interface] {
        do {
            return try HostInterfaces.list()
        } catch {
            throw CallError("could not get the node's addresses: \(error)")
        }
    }

    /// What the operator configured, else what the farmer has set on the ledger.
    private func publicConfiguration() throws(CallError) -> JSONValue {
        let known = configured.isNull ? registered() : configured
        guard !known.isNull else { throw CallError("no public configuration") }
        return Self.complete(known)
    }

    /// Every member, in the order in which the grid writes them.
    private static func complete(_ configuration: JSONValue) -> JSONValue {
        func member(_ name: String, _ fallback: String = "") -> JSONValue {
            .string(configuration[name]?.stringValue ?? fallback)
        }
        return [
            "type": member("type", "macvlan"), "ipv4": member("ipv4"), "ipv6": member("ipv6"), "gw4": member("gw4"),
            "gw6": member("gw6"), "domain": member("domain"),
        ]
    }
}
