import JSON
import Netlink
import PluginSDK

extension NetworkProvisioner: Commanding, CompanionWatching {
    public var commands: [String] { ["zos.network.list_wg_ports", "network.info"] }

    /// All UDP ports that a network cannot have: those of other networks and those that the node keeps.
    public func answer(_ command: Command<Network>, in context: Context) async throws -> JSONValue {
        guard command.name != "network.info" else { return try await info(command, in: context) }
        let taken = try await context.reservations.list(in: ReservedPorts.space).compactMap { UInt16($0.value) }
        return .array(Set(taken + ReservedPorts.all).sorted().map { .number(JSONNumber($0)) })
    }

    /// One network as administrators see it (docs/spec/node-api.md section 7).
    private func info(_ command: Command<Network>, in context: Context) async throws -> JSONValue {
        guard let workload = command.workloads.first else { throw PluginError.invalid("there is no such network") }
        let names = NetworkNames(workload)
        let here = context.acting(for: workload.id)
        let hasNamespace = try await here.namespaces.list().contains(names.namespace)
        var isUp = false
        if hasNamespace {
            let socket = try await here.namespaces.netlink(.route, in: names.namespace)
            isUp = try RouteNetlink(descriptor: socket.number).link(named: names.tunnel)?.isUp ?? false
        }
        return [
            "info": [
                "net_id": .string(names.id), "namespace": .string(names.namespace), "state": isUp ? "up" : "down",
            ],
            "logs": "",
            "checks": [
                ["name": "namespace", "ok": .bool(hasNamespace), "message": .string(names.namespace)],
                [
                    "name": "tunnel", "ok": .bool(isUp),
                    "message": .string("\(names.tunnel) is \(isUp ? "up" : "down")"),
                ],
            ],
        ]
    }

    /// Without wireguard-go a network is cut off, so it is provisioned again: that starts it with the same settings.
    public func companionExited(_ exit: CompanionExit, in context: Context) -> CompanionAction {
        context.log(.warning, "wireguard-go of \(exit.instance) ended after \(exit.uptime); starting it again")
        return .restart
    }
}
