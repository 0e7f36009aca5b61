/// An Ethernet address of six bytes.
public struct MACAddress: Sendable, Hashable {
    /// The 48 bits, first byte highest.
    public let value: UInt64

    /// The address of six bytes; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The lower 48 bits.
    public init(_ value: UInt64) { self.value = value & 0xffff_ffff_ffff }

    /// Reads six groups of two hex digits of either case with colons.
    public init(parsing text: String) throws(AddressError) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var value: UInt64 = 0
        for part in parts {
            let nibbles = part.compactMap(hexDigit)
            guard parts.count == 6, part.count == 2, nibbles.count == 2 else {
                throw AddressError(.mac, "a MAC address is six groups of two hex digits with colons")
            }
            value = value << 8 | UInt64(nibbles[0]) << 4 | UInt64(nibbles[1])
        }
        self.value = value
    }

    /// Six bytes in network order.
    public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: value >> (40 - 8 * $0)) } }

    /// Six groups of two lower-case hex digits with colons.
    public var text: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    /// The interface identifier of RFC 4291: `ff:fe` in the middle, the universal bit flipped.
    public var eui64: UInt64 {
        let universal: UInt64 = 0x0200_0000_0000_0000
        return ((value >> 24) << 40 | 0xff_fe00_0000 | value & 0xff_ffff) ^ universal
    }

    public var isMulticast: Bool { value >> 40 & 1 == 1 }
}

extension MACAddress: Comparable, CustomStringConvertible {
    public static func < (left: MACAddress, right: MACAddress) -> Bool { left.value < right.value }
    public var description: String { text }
}
