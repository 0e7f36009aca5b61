/// A network interface as the kernel reports it.
public struct Link: Sendable, Equatable {
    public let index: UInt32
    public let name: String
    /// The kind of a virtual link (`bridge`, `veth`, `tun`, …), nil for others.
    public let kind: String?
    /// The six bytes of an Ethernet address, empty where the link has none.
    public let hardwareAddress: [UInt8]
    public let mtu: UInt32
    /// Administratively up.
    public let isUp: Bool
    /// Up and with a carrier.
    public let isRunning: Bool
    public let alias: String?
    /// Index of the bridge that it is a port of.
    public let master: UInt32?
    /// Index of the link that it is tied to, such as a veth's other end (in `relatedNamespace`, if that is set).
    public let related: UInt32?
    /// The kernel's number for the namespace of `related`, if that is another one.
    public let relatedNamespace: Int32?

    init?(_ message: NetlinkMessage) {
        guard message.type == RouteMessage.newLink, let index = message.payload.integer(Int32.self, at: 4),
            let flags = message.payload.integer(UInt32.self, at: 8)
        else { return nil }
        let attributes = NetlinkAttributes(message.payload.dropFirst(16))
        guard let name = attributes.text(LinkAttribute.name), index > 0 else { return nil }
        self.index = UInt32(index)
        self.name = name
        kind = attributes.nested(LinkAttribute.linkInfo).text(1)
        hardwareAddress = Array(attributes[LinkAttribute.address] ?? [])
        mtu = attributes.integer(LinkAttribute.mtu) ?? 0
        isUp = flags & LinkFlag.up != 0
        isRunning = flags & LinkFlag.running != 0
        alias = attributes.text(LinkAttribute.alias)
        master = attributes.integer(LinkAttribute.master)
        related = attributes.integer(LinkAttribute.link)
        relatedNamespace = attributes.integer(LinkAttribute.relatedNamespace)
    }
}
