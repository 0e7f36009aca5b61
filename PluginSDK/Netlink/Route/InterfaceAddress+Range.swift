import Addresses

extension InterfaceAddress {
    /// Address and prefix length of a range, host bits kept.
    public init(_ range: CIDR) {
        // A checked range always has 4 or 16 bytes and a prefix that fits.
        self.init(family: range.address.bytes, UInt8(truncatingIfNeeded: range.prefix))
    }

    /// The address with a prefix of that many bits, at most as many as it has.
    public init(_ address: IPAddress, prefix: Int) {
        self.init(family: address.bytes, UInt8(truncatingIfNeeded: min(max(prefix, 0), address.bitWidth)))
    }

    /// The same as a range.
    public var range: CIDR? { IPAddress(bytes: bytes).flatMap { CIDR($0, prefix: Int(prefix)) } }
}
