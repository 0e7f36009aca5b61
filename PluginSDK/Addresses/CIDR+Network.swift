extension CIDR {
    /// The same range with host bits cleared.
    public var network: CIDR {
        switch address {
        case .v4(let four): CIDR(checked: .v4(IPv4Address(four.value & mask32)), prefix)
        case .v6(let six):
            CIDR(checked: .v6(IPv6Address(high: six.high & mask128.high, low: six.low & mask128.low)), prefix)
        }
    }

    /// The mask as an address, such as 255.255.0.0.
    public var mask: IPAddress { address.v4 != nil ? .v4(IPv4Address(mask32)) : .v6(mask128) }

    /// The address with all host bits cleared.
    public var first: IPAddress { network.address }

    /// The address with all host bits set; for IPv4 the broadcast address.
    public var last: IPAddress {
        switch address {
        case .v4(let four): .v4(IPv4Address(four.value | ~mask32))
        case .v6(let six): .v6(IPv6Address(high: six.high | ~mask128.high, low: six.low | ~mask128.low))
        }
    }

    /// Whether host bits are all zero.
    public var isNetwork: Bool { address == first }

    /// Whether the address is of the same family and lies in the range.
    public func contains(_ other: IPAddress) -> Bool {
        CIDR(other, prefix: prefix)?.first == first && other.bitWidth == address.bitWidth
    }

    /// Whether every address of the other range lies in this one.
    public func contains(_ other: CIDR) -> Bool { other.prefix >= prefix && contains(other.address) }

    /// Whether some address lies in both.
    public func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }

    /// The address that many steps above the first one; nil outside the range.
    public func host(_ offset: UInt32) -> IPAddress? {
        let candidate: IPAddress
        switch first {
        case .v4(let four):
            let (value, overflow) = four.value.addingReportingOverflow(offset)
            guard !overflow else { return nil }
            candidate = .v4(IPv4Address(value))
        case .v6(let six):
            let (low, carry) = six.low.addingReportingOverflow(UInt64(offset))
            guard !carry else { return nil }
            candidate = .v6(IPv6Address(high: six.high, low: low))
        }
        return contains(candidate) ? candidate : nil
    }

    // Shifting by the full width gives zero in Swift, so /0 needs no case of its own.
    private var mask32: UInt32 { UInt32.max << (32 - UInt32(min(prefix, 32))) }
    private var mask128: IPv6Address {
        IPv6Address(
            high: UInt64.max << UInt64(64 - min(prefix, 64)), low: UInt64.max << UInt64(64 - max(0, prefix - 64)))
    }
}
