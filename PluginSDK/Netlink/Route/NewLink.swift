/// A link to create.
public struct NewLink: Sendable {
    /// What it is.
    public enum Kind: Sendable {
        case bridge(BridgeOptions)
        /// A pair; the link itself is one end, `peer` the other.
        case veth(peer: Peer)
        /// Any kind without parameters, such as `wireguard`.
        case named(String)
    }

    /// The other end of a pair; it is down at first, since it cannot go up before both ends exist.
    public struct Peer: Sendable {
        public var name: String
        /// A network namespace's descriptor, if the end belongs into another one.
        public var namespace: Int32?
        public var hardwareAddress: [UInt8]?
        public var mtu: UInt32?

        public init(name: String, namespace: Int32? = nil, hardwareAddress: [UInt8]? = nil, mtu: UInt32? = nil) {
            self.name = name
            self.namespace = namespace
            self.hardwareAddress = hardwareAddress
            self.mtu = mtu
        }
    }

    public var name: String
    public var kind: Kind
    public var mtu: UInt32?
    public var hardwareAddress: [UInt8]?
    /// Text of at most 255 bytes, by which the owner recognises it.
    public var alias: String?
    /// Index of the bridge that it becomes a port of.
    public var master: UInt32?
    /// A network namespace's descriptor, if the link is made in another one than the socket's.
    public var namespace: Int32?
    public var isUp: Bool
    /// Whether the kernel gives it an IPv6 link-local address by itself when it comes up.
    public var generatesLinkLocal: Bool

    public init(
        name: String, kind: Kind, mtu: UInt32? = nil, hardwareAddress: [UInt8]? = nil, alias: String? = nil,
        master: UInt32? = nil, namespace: Int32? = nil, isUp: Bool = false, generatesLinkLocal: Bool = true
    ) {
        self.name = name
        self.kind = kind
        self.mtu = mtu
        self.hardwareAddress = hardwareAddress
        self.alias = alias
        self.master = master
        self.namespace = namespace
        self.isUp = isUp
        self.generatesLinkLocal = generatesLinkLocal
    }
}

extension NewLink.Kind {
    var text: String {
        switch self {
        case .bridge: "bridge"
        case .veth: "veth"
        case .named(let kind): kind
        }
    }
}
