extension FilterTerm {
    /// Protocols of a frame, as in its Ethernet header.
    public enum EtherType: UInt16, Sendable {
        case ipv4 = 0x0800
        case arp = 0x0806
        case ipv6 = 0x86dd
    }

    /// Protocols above IP.
    public enum Transport: UInt8, Sendable {
        case icmp = 1
        case tcp = 6
        case udp = 17
        case icmpv6 = 58
    }

    /// States of connection tracking, to be combined.
    public struct ConnectionState: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        public static let invalid = ConnectionState(rawValue: 1)
        public static let established = ConnectionState(rawValue: 2)
        public static let related = ConnectionState(rawValue: 4)
        public static let new = ConnectionState(rawValue: 8)
    }

    /// Entered by the link of that name, which need not exist.
    public static func entering(_ link: String, isEqual: Bool = true) -> FilterTerm {
        FilterTerm(meta(6), compare(linkName(link), isEqual: isEqual))
    }

    /// Leaves by the link of that name.
    public static func leaving(_ link: String, isEqual: Bool = true) -> FilterTerm {
        FilterTerm(meta(7), compare(linkName(link), isEqual: isEqual))
    }

    /// The frame carries that protocol.
    public static func carries(_ type: EtherType, isEqual: Bool = true) -> FilterTerm {
        FilterTerm(meta(1), compare(bytes(type.rawValue.bigEndian), isEqual: isEqual))
    }

    /// The packet is of IPv4 or IPv6; for tables of the family `inet`.
    public static func isIP(_ family: FilterFamily) -> FilterTerm {
        FilterTerm(meta(15), compare([family.rawValue], isEqual: true))
    }

    /// The packet carries that protocol.
    public static func transport(_ transport: Transport) -> FilterTerm {
        FilterTerm(meta(16), compare([transport.rawValue], isEqual: true))
    }

    /// Connection tracking has it in one of the states.
    public static func state(_ states: ConnectionState) -> FilterTerm {
        let load = expression("ct") {
            $0.attribute(1, register.bigEndian)
            $0.attribute(2, UInt32(0).bigEndian)
        }
        return FilterTerm(load, masked(by: bytes(states.rawValue)), compare([0, 0, 0, 0], isEqual: false))
    }

    /// Where in the packet the bytes of a match begin.
    public enum Base: UInt32, Sendable {
        /// The Ethernet header.
        case link = 0
        /// The IP or ARP header.
        case network = 1
        case transport = 2
    }

    /// `value` stands at `offset` bytes from the start of a header; with `mask`, only those bits count.
    public static func bytes(
        _ value: [UInt8], at offset: UInt32, of base: Base, mask: [UInt8]? = nil, isEqual: Bool = true
    ) -> FilterTerm {
        let load = expression("payload") {
            $0.attribute(1, register.bigEndian)
            $0.attribute(2, base.rawValue.bigEndian)
            $0.attribute(3, offset.bigEndian)
            $0.attribute(4, UInt32(value.count).bigEndian)
        }
        guard let mask else { return FilterTerm(load, compare(value, isEqual: isEqual)) }
        return FilterTerm(load, masked(by: mask), compare(value, isEqual: isEqual))
    }

    /// Sender's address in the Ethernet header, six bytes.
    public static func hardwareSource(_ address: [UInt8], isEqual: Bool = true) -> FilterTerm {
        bytes(address, at: 6, of: .link, isEqual: isEqual)
    }

    /// Receiver's address in the Ethernet header, six bytes.
    public static func hardwareDestination(_ address: [UInt8], isEqual: Bool = true) -> FilterTerm {
        bytes(address, at: 0, of: .link, isEqual: isEqual)
    }

    /// The sender's address lies in a network; say the protocol before.
    public static func source(in network: InterfaceAddress, isEqual: Bool = true) -> FilterTerm {
        address(network, at: network.isV6 ? 8 : 12, isEqual)
    }

    /// The receiver's address lies in a network; say the protocol before.
    public static func destination(in network: InterfaceAddress, isEqual: Bool = true) -> FilterTerm {
        address(network, at: network.isV6 ? 24 : 16, isEqual)
    }

    private static func address(_ network: InterfaceAddress, at offset: UInt32, _ isEqual: Bool) -> FilterTerm {
        let isWhole = Int(network.prefix) == network.bytes.count * 8
        return bytes(
            network.network, at: offset, of: .network, mask: isWhole ? nil : network.mask, isEqual: isEqual)
    }

    private static func meta(_ key: UInt32) -> Expression {
        expression("meta") {
            $0.attribute(1, register.bigEndian)
            $0.attribute(2, key.bigEndian)
        }
    }

    /// A name as the kernel compares it: sixteen bytes, filled with zeros.
    private static func linkName(_ name: String) -> [UInt8] {
        let bytes = Array(name.utf8.prefix(15))
        return bytes + [UInt8](repeating: 0, count: 16 - bytes.count)
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}

extension InterfaceAddress {
    /// The bits of the prefix, as many bytes as the address has.
    public var mask: [UInt8] {
        bytes.indices.map { index in
            let kept = min(8, max(0, Int(prefix) - index * 8))
            return kept == 0 ? 0 : 0xff << UInt8(8 - kept)
        }
    }
}
