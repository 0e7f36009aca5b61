import Addresses
import JSON
import Naming
import Netlink
import PluginSDK

/// Brings the host to a plan, step by step; each step looks first and says whether it had to change anything.
struct NetworkSetup: Sendable {
    let plan: NetworkPlan
    let context: Context

    /// The steps of docs/spec/workloads.md section 3.1, with the removal of what was made in `undo`.
    func run(_ undo: inout Undo) async throws -> Bool {
        var isChanged = try await reservePort(&undo)
        isChanged = try await makeSegment(&undo) || isChanged
        isChanged = try await makeNamespace(&undo) || isChanged
        isChanged = try await makeLeg(&undo) || isChanged
        isChanged = try await setFilter() || isChanged
        isChanged = try await makeExit(&undo) || isChanged
        let (tunnel, isNew) = try await makeTunnel(&undo)
        isChanged = try await configure(tunnel, previous: nil) || isNew || isChanged
        isChanged = try await addressTunnel() || isChanged
        try await verify(tunnel)
        return isChanged
    }

    func reservePort(_ undo: inout Undo) async throws -> Bool {
        let port = "\(plan.listenPort)"
        let isNew: Bool
        do {
            isNew = try await context.reservations.reserve(port, in: ReservedPorts.space)
        } catch let error as PluginError where error.status == .invalid {
            throw PluginError(
                .invalid, code: "port-in-use",
                message:
                    "wireguard listen port \(port) is in use on this node; choose another one, see zos.network.list_wg_ports (\(error.message))"
            )
        }
        if isNew { undo.add { [context] in try await context.reservations.release(port, in: ReservedPorts.space) } }
        return isNew
    }

    private func makeSegment(_ undo: inout Undo) async throws -> Bool {
        let isNew = try await context.segments.create(plan.bridge)
        if isNew { undo.add { [context, plan] in try await context.segments.delete(plan.bridge) } }
        return isNew
    }

    private func makeNamespace(_ undo: inout Undo) async throws -> Bool {
        let isNew = try await context.namespaces.create(plan.namespace)
        if isNew { undo.add { [context, plan] in try await context.namespaces.delete(plan.namespace) } }
        // Cheap, and without a way to see whether somebody changed them.
        try await context.namespaces.set("net.ipv4.ip_forward", to: "1", in: plan.namespace)
        try await context.namespaces.set("net.ipv6.conf.all.forwarding", to: "1", in: plan.namespace)
        return isNew
    }

    private func makeLeg(_ undo: inout Undo) async throws -> Bool {
        let mac = MACAddress.derived(from: plan.id).text
        let isNew = try await context.segments.attach(plan.bridge, to: plan.namespace, as: plan.leg, mac: mac)
        if isNew {
            undo.add { [context, plan] in
                try await context.segments.detach(plan.bridge, from: plan.namespace, name: plan.leg)
            }
        }
        let isChanged = try await withRoutes { try $0.ensure(plan.legAddresses, on: plan.leg) }
        return isNew || isChanged
    }

    private func setFilter() async throws -> Bool {
        let descriptor = try await context.namespaces.netlink(.netfilter, in: plan.namespace)
        return try withExtendedLifetime(descriptor) {
            try NetworkFilter.ensure(FilterNetlink(descriptor: descriptor.number))
        }
    }

    /// Addresses of the tunnel, and the whole range behind it: the node's own part is more specific and wins.
    func addressTunnel() async throws -> Bool {
        try await withRoutes { routes in
            var isChanged = try routes.ensure([plan.tunnelAddress], on: plan.tunnel, mtu: NetworkPlan.tunnelMTU)
            guard let link = try routes.link(named: plan.tunnel) else { throw plan.lost(plan.tunnel) }
            let range = InterfaceAddress(plan.range.network)
            let isRouted = try routes.routes().contains { $0.link == link.index && $0.destination == range }
            if !isRouted {
                try routes.set(Route(to: range, link: link.index))
                isChanged = true
            }
            return isChanged
        }
    }

    /// Reads everything back: what was asked for has to be there.
    private func verify(_ tunnel: Tunnel) async throws {
        let rest = WireGuardChange(from: try await tunnel.read(plan, in: context), to: plan)
        guard rest.isEmpty else {
            throw PluginError.failed("WireGuard of network \(plan.id) did not take its configuration: \(rest)")
        }
        try await withRoutes { routes in
            for (name, wanted) in [(plan.leg, plan.legAddresses), (plan.tunnel, [plan.tunnelAddress])] {
                guard let link = try routes.link(named: name), link.isUp else { throw plan.lost(name) }
                let present = try routes.addresses(of: link.index)
                guard Set(wanted).isSubset(of: present) else { throw plan.lost("an address of \(name)") }
            }
        }
    }

    /// Works on links, addresses and routes of the namespace.
    func withRoutes<Value>(_ body: (RouteNetlink) throws -> Value) async throws -> Value {
        let descriptor = try await context.namespaces.netlink(.route, in: plan.namespace)
        return try withExtendedLifetime(descriptor) { try body(RouteNetlink(descriptor: descriptor.number)) }
    }
}

extension NetworkPlan {
    func lost(_ thing: String) -> PluginError {
        .failed("\(thing) is missing in namespace \(namespace), though it was just made")
    }
}
