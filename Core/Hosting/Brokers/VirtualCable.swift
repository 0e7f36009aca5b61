import Glibc
import Netlink

/// A veth pair whose near end is a port of a bridge.
struct VirtualCable: Sendable {
    struct Bridge: Sendable {
        let name: String
        /// Nil: the node's own.
        let namespace: String?
    }

    enum End: Sendable {
        case namespace(String, link: String)
        case port(of: Bridge, link: String)

        var namespace: String? {
            switch self {
            case .namespace(let name, _): name
            case .port(let bridge, _): bridge.namespace
            }
        }

        var link: String {
            switch self {
            case .namespace(_, let link), .port(_, let link): link
            }
        }

        /// Unique on the node; a namespace's name is never empty.
        var recordName: String { "\(namespace ?? "")|\(link)" }
    }

    let network: NodeNetwork
    let bridge: Bridge
    /// Name of the near end.
    let port: String
    let far: End
    let mac: [UInt8]?
    let tag: String

    /// Makes the pair unless it is there. Blocks.
    /// - Returns: whether it was made.
    func connect() throws(HostingError) -> Bool {
        let near = try network.place(bridge.namespace)
        let farPlace = try network.place(far.namespace)
        let farLink = try network.route(in: farPlace) { route throws(NetlinkError) in
            try route.link(named: far.link)
        }
        let master = try network.route(in: near) { route throws(NetlinkError) in
            try route.link(named: bridge.name)
        }
        guard let master, master.kind == "bridge" else {
            throw HostingError(.unavailable, "\(bridge.name) is no bridge of this node", isRetryable: true)
        }
        let known = try network.route(in: near) { route throws(NetlinkError) in try route.link(named: port) }
        if let known, try SegmentBroker.isOurs(known, tag, port) {
            if farLink != nil && known.master == master.index { return false }
            // One end is lost or the bridge was made again: so make the pair again.
            try network.route(in: near) { route throws(NetlinkError) in try route.delete(known.index) }
        } else if farLink != nil {
            throw HostingError(.invalid, "there is a link \(far.link) in the namespace already")
        }
        try network.route(in: near) { route throws(NetlinkError) in
            _ = try route.create(
                NewLink(
                    name: port,
                    kind: .veth(
                        peer: NewLink.Peer(
                            name: far.link, namespace: farPlace.number, hardwareAddress: mac, mtu: master.mtu)),
                    mtu: master.mtu, alias: tag, master: master.index, generatesLinkLocal: false))
        }
        try network.silenceIPv6(port, in: near)
        try raiseFarEnd(farPlace)
        try network.route(in: near) { route throws(NetlinkError) in
            if let made = try route.link(named: port) { try route.change(made.index, LinkChange(isUp: true)) }
        }
        return true
    }

    private func raiseFarEnd(_ place: OwnedDescriptor) throws(HostingError) {
        var change = LinkChange(isUp: true)
        if case .port(let target, _) = far {
            let master = try network.route(in: place) { route throws(NetlinkError) in
                try route.link(named: target.name)
            }
            guard let master else { throw HostingError(.invalid, "there is no segment \(target.name)") }
            change.master = .index(master.index)
            try network.silenceIPv6(far.link, in: place)
        }
        try network.route(in: place) { route throws(NetlinkError) in
            guard let link = try route.link(named: far.link) else { throw NetlinkError(ENODEV, "find \(far.link)") }
            try route.change(link.index, change)
        }
    }

    /// Removes the pair; gone is success.
    func cut() throws(HostingError) { try SegmentBroker.removeLink(port, bridge.namespace, tag, network) }
}
