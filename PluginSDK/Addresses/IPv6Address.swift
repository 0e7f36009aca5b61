/// An IPv6 address, without a zone.
public struct IPv6Address: Sendable, Hashable {
    /// The first and the last 64 bits.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address of 16 bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The address of eight groups; nil for any other count.
    public init?(groups: some Collection<UInt16>) {
        guard groups.count == 8 else { return nil }
        high = groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }
        low = groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) }
    }

    /// Reads text: groups of one to four hex digits, at most one `::` for at least one group, the last 32 bits perhaps
    /// dotted, no zone.
    public init(parsing text: String) throws(AddressError) {
        guard let address = IPv6Address(utf8: Array(text.utf8)[...]) else {
            throw AddressError(.address, "an IPv6 address is eight groups of one to four hex digits, without a zone")
        }
        self = address
    }

    /// The address that a device with this MAC forms below a /64: the range's upper half and EUI-64.
    public init(prefix: IPv6Address, interface: MACAddress) {
        self.init(high: prefix.high, low: interface.eui64)
    }

    /// Eight groups of 16 bits.
    public var groups: [UInt16] {
        (0..<4).map { UInt16(truncatingIfNeeded: high >> (48 - 16 * $0)) }
            + (0..<4).map { UInt16(truncatingIfNeeded: low >> (48 - 16 * $0)) }
    }

    /// 16 bytes in network order.
    public var bytes: [UInt8] {
        groups.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }

    /// The IPv4 address inside `::ffff:0:0/96`.
    public var mapped: IPv4Address? {
        high == 0 && low >> 32 == 0xffff ? IPv4Address(UInt32(truncatingIfNeeded: low)) : nil
    }

    public static let unspecified = IPv6Address(high: 0, low: 0)
    public static let loopback = IPv6Address(high: 0, low: 1)
    public var isUnspecified: Bool { high == 0 && low == 0 }
    public var isLoopback: Bool { self == .loopback }
    /// fe80::/10.
    public var isLinkLocal: Bool { high >> 54 == 0x3fa }
    /// fc00::/7.
    public var isUniqueLocal: Bool { high >> 57 == 0x7e }
    /// ff00::/8.
    public var isMulticast: Bool { high >> 56 == 0xff }

    /// The link-local address of a device with this MAC.
    public static func linkLocal(of mac: MACAddress) -> IPv6Address {
        IPv6Address(high: 0xfe80 << 48, low: mac.eui64)
    }
}

extension IPv6Address: Comparable, CustomStringConvertible {
    public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    public var description: String { text }
}
