import Glibc

extension RouteNetlink {
    /// Unicast routes of the main table, both families.
    public func routes() throws(NetlinkError) -> [Route] {
        var writer = NetlinkWriter()
        for _ in 0..<3 { writer.append(UInt32(0)) }
        return try socket.dump(type: RouteMessage.getRoute, payload: writer.bytes, to: "list routes")
            .compactMap(Route.init)
    }

    /// Adds a route, or puts it into the place of another one to the same destination.
    public func set(_ route: Route) throws(NetlinkError) {
        try socket.request(
            type: RouteMessage.newRoute, flags: MessageFlag.create | MessageFlag.replace, payload: Self.encode(route),
            to: "set the route to \(route.destination?.text ?? "everywhere") by link \(route.link)")
    }

    /// Removes a route. Returns false if there was none.
    @discardableResult
    public func remove(_ route: Route) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            try socket.request(
                type: RouteMessage.deleteRoute, payload: Self.encode(route),
                to: "remove the route to \(route.destination?.text ?? "everywhere") by link \(route.link)")
            return true
        } catch  where error.number == ESRCH {
            return false
        }
    }

    /// `rtmsg` and attributes.
    private static func encode(_ route: Route) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(route.isV6 ? AddressFamily.v6 : AddressFamily.v4)
        writer.append(route.destination?.prefix ?? 0)
        writer.append(UInt16(0))
        writer.append(UInt8(254))
        writer.append(UInt8(4))
        // IPv4 wants to be told that a destination is on the link.
        writer.append(UInt8(route.gateway == nil && !route.isV6 ? 253 : 0))
        writer.append(UInt8(1))
        writer.append(UInt32(0))
        if let destination = route.destination, destination.prefix > 0 {
            writer.attribute(RouteAttribute.destination, destination.network)
        }
        if let gateway = route.gateway { writer.attribute(RouteAttribute.gateway, gateway) }
        writer.attribute(RouteAttribute.outgoing, route.link)
        return writer.bytes
    }
}

extension InterfaceAddress {
    /// The address with its host bits cleared.
    public var network: [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, Int(prefix) - index * 8))
            return kept == 0 ? 0 : byte & (0xff << UInt8(8 - kept))
        }
    }
}
