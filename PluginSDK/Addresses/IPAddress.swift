/// An address of either family. IPv4-mapped IPv6 addresses are IPv4 addresses (docs/spec/deployment.md section 2.3).
public enum IPAddress: Sendable, Hashable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Reads dotted or colon text without zone; mapped text gives `.v4`.
    public init(parsing text: String) throws(AddressError) {
        guard let address = IPAddress(utf8: Array(text.utf8)[...]) else {
            throw AddressError(.address, "neither an IPv4 nor an IPv6 address without zone")
        }
        self = address
    }

    /// The address of 4 or 16 bytes in network order, mapped ones as `.v4`; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        if let four = IPv4Address(bytes: bytes) {
            self = .v4(four)
        } else if let six = IPv6Address(bytes: bytes) {
            self = IPAddress(six)
        } else {
            return nil
        }
    }

    /// `.v4` for mapped addresses.
    public init(_ address: IPv6Address) {
        self = address.mapped.map { .v4($0) } ?? .v6(address)
    }

    init?(utf8 text: ArraySlice<UInt8>) {
        if let four = IPv4Address(utf8: text) {
            self = .v4(four)
        } else if let six = IPv6Address(utf8: text) {
            self = IPAddress(six)
        } else {
            return nil
        }
    }

    /// The canonical text.
    public var text: String {
        switch self {
        case .v4(let address): address.text
        case .v6(let address): address.text
        }
    }

    /// 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }

    public var v4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }
    public var v6: IPv6Address? { if case .v6(let address) = self { address } else { nil } }
    /// 32 or 128.
    public var bitWidth: Int { v4 != nil ? 32 : 128 }

    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
    public var isLoopback: Bool { v4?.isLoopback ?? v6?.isLoopback ?? false }
    public var isLinkLocal: Bool { v4?.isLinkLocal ?? v6?.isLinkLocal ?? false }
    public var isMulticast: Bool { v4?.isMulticast ?? v6?.isMulticast ?? false }
}

extension IPAddress: Comparable, CustomStringConvertible {
    /// IPv4 before IPv6, then by value.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let a), .v4(let b)): a < b
        case (.v6(let a), .v6(let b)): a < b
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }

    public var description: String { text }
}
