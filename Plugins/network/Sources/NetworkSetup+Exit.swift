import Addresses
import Naming
import Netlink
import PluginSDK

extension NetworkSetup {
    /// The register of addresses on the node's own exit.
    static var exitSpace: String { "exit-address" }

    /// Connects the network to the node's exit, if the operator has configured one; networks without a way out work.
    func makeExit(_ undo: inout Undo) async throws -> Bool {
        let exit: ExitLink
        do {
            exit = try await context.segments.attach(
                exit: .node, into: plan.namespace, as: NetworkPlan.exit,
                mac: MACAddress.derived(from: "\(plan.id)-public").text)
        } catch let error as PluginError where error.status == .unsupported {
            return false
        }
        guard
            let range = exit.addresses.lazy.compactMap({ try? CIDR(parsing: $0) }).first(where: { $0.address.v4 != nil }
            )
        else {
            // A text that is no range is the operator's mistake, and named by the node at start.
            throw PluginError.failed("the node's exit has no IPv4 range to lease addresses from")
        }
        let address = try await lease(range, &undo)
        let gateways = exit.gateways.compactMap { try? IPAddress(parsing: $0) }
        return try await withRoutes { routes in
            let sixth = IPv6Address(high: 0xfd00 << 48, low: UInt64(address.value & 0xffff))
            let isChanged = try routes.ensure(
                [InterfaceAddress(.v4(address), prefix: range.prefix), InterfaceAddress(.v6(sixth), prefix: 64)],
                on: NetworkPlan.exit)
            guard let link = try routes.link(named: NetworkPlan.exit) else { throw plan.lost(NetworkPlan.exit) }
            for gateway in gateways { try routes.set(Route(defaultBy: gateway.bytes, link: link.index)) }
            return isChanged || exit.created
        }
    }

    /// An address of the exit's range that is this network's until it is removed: from the third one on, since the
    /// first two are the range's own name and the gateway.
    private func lease(_ range: CIDR, _ undo: inout Undo) async throws -> IPv4Address {
        guard let first = range.host(2), let last = range.last.v4, last.value > 0 else {
            throw PluginError.failed("the node's exit \(range) is too small to lease addresses from")
        }
        let text = try await context.reservations.reserve(
            from: first.text, to: IPv4Address(last.value - 1).text, in: Self.exitSpace, scope: plan.id)
        undo.add { [context, plan] in
            try await context.reservations.release(text, in: Self.exitSpace, scope: plan.id)
        }
        return try IPv4Address(parsing: text)
    }
}
