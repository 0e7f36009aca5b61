import Netlink
import PluginSDK

/// Changes in place (docs/spec/workloads.md section 3.3): whatever fails, the network as it was goes on working.
extension NetworkProvisioner: Updating {
    public func update(_ workload: Workload<Network>, from previous: Network, in context: Context) async throws
        -> Outcome<NoResult>
    {
        let old = try NetworkPlan(previous, twin: workload.twin, name: workload.name)
        let new: NetworkPlan
        do { new = try NetworkPlan(workload) } catch { return .unchanged(Self.text(of: error)) }
        let movesAddresses = new.subnet != old.subnet || new.range != old.range
        if movesAddresses, workload.siblings.contains(where: \.isMachineInUse) {
            return .unchanged("network is in use: remove the machines of \(workload.name) before its subnet or range")
        }
        do {
            return try await apply(new, over: old, in: context)
        } catch {
            let reason = Self.text(of: error)
            do {
                _ = try await apply(old, over: new, in: context)
                return .unchanged(reason)
            } catch {
                // Nothing is left that could be called the old network: the node may as well know.
                throw PluginError.failed("\(reason); and going back failed: \(Self.text(of: error))")
            }
        }
    }

    private func apply(_ new: NetworkPlan, over old: NetworkPlan, in context: Context) async throws
        -> Outcome<NoResult>
    {
        let setup = NetworkSetup(plan: new, context: context)
        return try await Undo.onFailure { undo in
            _ = try await setup.reservePort(&undo)
            let tunnel = try await setup.findTunnel()
            var isChanged = try await setup.configure(tunnel, previous: old)
            if new.subnet != old.subnet || new.range != old.range {
                isChanged = try await setup.moveAddresses(from: old) || isChanged
            }
            if new.listenPort != old.listenPort {
                try await context.reservations.release("\(old.listenPort)", in: ReservedPorts.space)
            }
            return isChanged ? try new.ready() : .present
        }
    }

    private static func text(of error: any Error) -> String { (error as? PluginError)?.message ?? "\(error)" }
}

extension Sibling {
    /// Whether it may hold addresses of a network of its deployment.
    fileprivate var isMachineInUse: Bool { type.hasPrefix("zmachine") && (state == "ok" || state == "paused") }
}

extension NetworkSetup {
    /// Replaces the addresses of leg and tunnel and the route through it.
    func moveAddresses(from old: NetworkPlan) async throws -> Bool {
        let isMoved = try await withRoutes { routes in
            guard let link = try routes.link(named: plan.tunnel) else { throw plan.lost(plan.tunnel) }
            if old.range.network != plan.range.network {
                try routes.remove(Route(to: InterfaceAddress(old.range.network), link: link.index))
            }
            return try routes.ensure(plan.legAddresses, on: plan.leg)
        }
        return try await addressTunnel() || isMoved
    }
}
