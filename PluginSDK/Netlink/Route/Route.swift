/// A unicast route of the main table.
public struct Route: Sendable, Hashable {
    /// Where it leads; nil is the default route of the family that `gateway` has.
    public let destination: InterfaceAddress?
    /// Next hop, four or sixteen bytes; nil if the destination is on the link.
    public let gateway: [UInt8]?
    /// Index of the link that it leaves by.
    public let link: UInt32
    public let isV6: Bool

    /// A route to `destination`, on the link or by a gateway of the same family.
    public init(to destination: InterfaceAddress, by gateway: [UInt8]? = nil, link: UInt32) {
        self.destination = destination
        self.gateway = gateway
        self.link = link
        isV6 = destination.isV6
    }

    /// The default route by a gateway of 4 or 16 bytes.
    public init(defaultBy gateway: [UInt8], link: UInt32) {
        destination = nil
        self.gateway = gateway
        self.link = link
        isV6 = gateway.count == 16
    }

    init?(_ message: NetlinkMessage) {
        guard message.type == RouteMessage.newRoute, let family = message.payload.integer(UInt8.self, at: 0),
            let length = message.payload.integer(UInt8.self, at: 1),
            let table = message.payload.integer(UInt8.self, at: 4),
            let type = message.payload.integer(UInt8.self, at: 7),
            table == 254, type == 1, family == AddressFamily.v4 || family == AddressFamily.v6
        else { return nil }
        let attributes = NetlinkAttributes(message.payload.dropFirst(12))
        guard let link: UInt32 = attributes.integer(RouteAttribute.outgoing) else { return nil }
        isV6 = family == AddressFamily.v6
        self.link = link
        gateway = attributes[RouteAttribute.gateway].map { Array($0) }
        destination = attributes[RouteAttribute.destination].flatMap {
            InterfaceAddress(bytes: Array($0), prefix: length)
        }
    }
}
