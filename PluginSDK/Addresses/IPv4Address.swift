/// An IPv4 address.
public struct IPv4Address: Sendable, Hashable {
    /// The 32 bits, first octet highest.
    public let value: UInt32

    public init(_ value: UInt32) { self.value = value }

    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// The address of four bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads dotted text: four numbers 0…255 in one to three ASCII digits, without leading zeros.
    public init(parsing text: String) throws(AddressError) {
        guard let address = IPv4Address(utf8: Array(text.utf8)[...]) else {
            throw AddressError(.address, "an IPv4 address is four numbers 0 to 255 without leading zeros, with dots")
        }
        self = address
    }

    init?(utf8 text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                let octet = decimal(part, max: 255)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        self.value = value
    }

    /// The dotted form.
    public var text: String { bytes.map { String($0) }.joined(separator: ".") }
    /// Four bytes in network order.
    public var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

    public static let unspecified = IPv4Address(0)
    public var isUnspecified: Bool { value == 0 }
    /// 127.0.0.0/8.
    public var isLoopback: Bool { value >> 24 == 127 }
    /// 169.254.0.0/16.
    public var isLinkLocal: Bool { value >> 16 == 0xa9fe }
    /// 224.0.0.0/4.
    public var isMulticast: Bool { value >> 28 == 0xe }
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16.
    public var isPrivate: Bool { value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 }
}

extension IPv4Address: Comparable, CustomStringConvertible {
    public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.value < right.value }
    public var description: String { text }
}

/// The value of ASCII digits, at least one; nil for anything else and for values above `max`.
func decimal(_ digits: ArraySlice<UInt8>, max: Int) -> Int? {
    guard !digits.isEmpty else { return nil }
    var value = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
        if value > max { return nil }
    }
    return value
}
