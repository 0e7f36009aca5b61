/// What to change on a link; nil leaves it as it is.
public struct LinkChange: Sendable {
    /// A port's place.
    public enum Master: Sendable {
        case none
        case index(UInt32)
    }

    public var name: String?
    public var mtu: UInt32?
    public var hardwareAddress: [UInt8]?
    public var alias: String?
    public var master: Master?
    /// Moves the link into the namespace of that descriptor.
    public var namespace: Int32?
    public var isUp: Bool?
    public var generatesLinkLocal: Bool?

    public init(
        name: String? = nil, mtu: UInt32? = nil, hardwareAddress: [UInt8]? = nil, alias: String? = nil,
        master: Master? = nil, namespace: Int32? = nil, isUp: Bool? = nil, generatesLinkLocal: Bool? = nil
    ) {
        self.name = name
        self.mtu = mtu
        self.hardwareAddress = hardwareAddress
        self.alias = alias
        self.master = master
        self.namespace = namespace
        self.isUp = isUp
        self.generatesLinkLocal = generatesLinkLocal
    }
}
