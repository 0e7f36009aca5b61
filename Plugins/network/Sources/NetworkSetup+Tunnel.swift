import Netlink
import PluginSDK

extension NetworkSetup {
    /// Makes the WireGuard link where its socket stays, and moves it into the namespace.
    func makeTunnel(_ undo: inout Undo) async throws -> (Tunnel, isNew: Bool) {
        if try await context.companions.status(plan.tunnel).isRunning {
            if try await isTunnelInPlace() { return (.companion, false) }
            // Half-way: started and not moved, or the namespace is new. Its link would be found by nobody.
            try await context.companions.delete(plan.tunnel)
        }
        do {
            let isNew = try await context.links.create(kind: "wireguard", plan.tunnel, in: plan.namespace)
            if isNew {
                undo.add { [context, plan] in try await context.links.delete(plan.tunnel, in: plan.namespace) }
            }
            return (.kernel, isNew)
        } catch let error as PluginError where error.status == .unsupported || error.status == .invalid {
            // No such kind, or the name is that of a tun whose companion has ended.
            try await startCompanion(&undo)
            return (.companion, true)
        }
    }

    private func startCompanion(_ undo: inout Undo) async throws {
        let tun = try await context.links.tun(plan.tunnel)
        undo.add { [context, plan] in
            try await context.companions.delete(plan.tunnel)
            try await context.links.delete(plan.tunnel)
        }
        try await context.companions.start(
            Tunnel.companionID, instance: plan.tunnel,
            slots: ["link": .string(plan.tunnel), "tun": Slot.index(0)], descriptors: [tun])
        // It looks its link up by name in its own namespace at start: the link may go when the socket is there.
        _ = try await UserspaceConnection(plan.tunnel, in: context)
        try await context.links.move(plan.tunnel, to: plan.namespace)
    }

    private func isTunnelInPlace() async throws -> Bool {
        try await withRoutes { try $0.link(named: plan.tunnel) != nil }
    }

    /// Which of the two runs the network's tunnel now.
    func findTunnel() async throws -> Tunnel {
        try await context.companions.status(plan.tunnel).isRunning ? .companion : .kernel
    }

    /// Brings key, port and peers to the plan, peer by peer. Returns whether something had to be changed.
    func configure(_ tunnel: Tunnel, previous: NetworkPlan?) async throws -> Bool {
        let device = try await tunnel.read(plan, in: context)
        let change = WireGuardChange(from: device, to: plan, previous: previous)
        try await tunnel.apply(change, to: plan, in: context)
        return !change.isEmpty
    }
}
