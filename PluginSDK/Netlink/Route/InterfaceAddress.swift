/// An address with its prefix length, four or sixteen bytes in network order.
public struct InterfaceAddress: Sendable, Hashable {
    public let bytes: [UInt8]
    public let prefix: UInt8

    /// Nil unless there are 4 or 16 bytes and the prefix fits.
    public init?(bytes: [UInt8], prefix: UInt8) {
        guard bytes.count == 4 && prefix <= 32 || bytes.count == 16 && prefix <= 128 else { return nil }
        self.bytes = bytes
        self.prefix = prefix
    }

    init(family bytes: [UInt8], _ prefix: UInt8) {
        self.bytes = bytes
        self.prefix = prefix
    }

    public var isV6: Bool { bytes.count == 16 }

    var family: UInt8 { isV6 ? AddressFamily.v6 : AddressFamily.v4 }

    /// For messages: decimal octets, or hexadecimal groups without shortening.
    public var text: String {
        guard isV6 else { return bytes.map { String($0) }.joined(separator: ".") + "/\(prefix)" }
        let groups = stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "/\(prefix)"
    }
}
