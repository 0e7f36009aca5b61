import JSON
import Netlink
import PluginSDK

/// Private networks: a bridge for machines, a namespace that routes and filters, and WireGuard to the other parts.
public struct NetworkProvisioner: Provisioner, Validating, Measuring {
    public init() {}

    public func validate(_ workload: Workload<Network>, in context: Context) throws { try workload.data.validate() }

    public func capacity(of data: Network) -> Capacity { Capacity() }

    public func provision(_ workload: Workload<Network>, in context: Context) async throws -> Outcome<NoResult> {
        let plan = try NetworkPlan(workload)
        let setup = NetworkSetup(plan: plan, context: context)
        let isChanged = try await Undo.onFailure { undo in try await setup.run(&undo) }
        // Without a state the earlier answer got lost, and with it the exports.
        guard isChanged || workload.state == nil else { return .present }
        return try plan.ready()
    }

    public func deprovision(_ workload: Workload<Network>, in context: Context) async throws {
        let names = NetworkNames(workload)
        // Every step is tried; the first failure is reported, and the node tries again.
        var failure: (any Error)?
        func attempt(_ step: () async throws -> Void) async {
            do { try await step() } catch { failure = failure ?? error }
        }
        await attempt { try await context.companions.delete(names.tunnel) }
        // By the name it was made with, wherever it is.
        await attempt { try await context.links.delete(names.tunnel) }
        await attempt { try await context.segments.detach(names.bridge, from: names.namespace, name: names.leg) }
        await attempt { try await context.namespaces.delete(names.namespace) }
        await attempt { try await context.segments.delete(names.bridge) }
        await attempt { try await context.reservations.release(in: ReservedPorts.space) }
        await attempt { try await context.reservations.release(in: NetworkSetup.exitSpace, scope: names.id) }
        if let failure { throw failure }
    }
}

extension NetworkPlan {
    /// The answer to the user (nothing), and what machines need to know.
    func ready() throws -> Outcome<NoResult> {
        let segment = Export.segment(
            names.bridge,
            [
                "network": .string(id), "subnet": .string(subnet.network.text), "ip_range": .string(range.network.text),
                "gateway": .string(gateway.text), "gateway6": "fe80::1",
                "ipv6": .string(InterfaceAddress(.v6(v6(of: gateway)), prefix: 64).range?.network.text ?? ""),
            ])
        let address = Export.address(["namespace": .string(names.namespace), "address": .string(gateway.text)])
        return .ready(NoResult(), state: VersionedState(version: 1, data: [:]), exports: [segment, address])
    }
}
