/// An address with a prefix length; host bits are kept (docs/spec/deployment.md section 2.3).
public struct CIDR: Sendable, Hashable {
    public let address: IPAddress
    /// Leading bits that belong to the network: 0…32 or 0…128.
    public let prefix: Int

    /// Nil if the prefix is outside the family's range.
    public init?(_ address: IPAddress, prefix: Int) {
        guard (0...address.bitWidth).contains(prefix) else { return nil }
        self.init(checked: address, prefix)
    }

    init(checked address: IPAddress, _ prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    /// Reads `address/prefix`, the prefix in decimal digits (leading zeros tolerated). A mapped IPv6 range becomes the
    /// IPv4 range of the last 32 bits of its mask: `/112` gives `/16`, anything below `/96` gives `/0`.
    public init(parsing text: String) throws(AddressError) {
        guard let range = CIDR(utf8: Array(text.utf8)) else {
            throw AddressError(.range, "a range is address/prefix, the prefix 0 to 32 for IPv4, 0 to 128 for IPv6")
        }
        self = range
    }

    private init?(utf8 text: [UInt8]) {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let (left, right) = (text[..<slash], text[(slash + 1)...])
        if let four = IPv4Address(utf8: left), let prefix = decimal(right, max: 32) {
            self.init(checked: .v4(four), prefix)
        } else if let six = IPv6Address(utf8: left), let prefix = decimal(right, max: 128) {
            self.init(checked: IPAddress(six), six.mapped == nil ? prefix : max(0, prefix - 96))
        } else {
            return nil
        }
    }

    /// `address/prefix`, canonical.
    public var text: String { "\(address.text)/\(prefix)" }
}

extension CIDR: CustomStringConvertible {
    public var description: String { text }
}
