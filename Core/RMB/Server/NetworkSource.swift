import NIOCore

/// Where a connection comes from: one IPv4 address, or one IPv6 network of 64 bits, which is what one machine can choose
/// from at will.
public struct NetworkSource: Sendable, Hashable {
    private let isIPv4: Bool
    private let bits: UInt64

    public init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            isIPv4 = true
            bits = UInt64(address.address.sin_addr.s_addr)
        case .v6(let address):
            let words = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            // ::ffff:a.b.c.d is the IPv4 address behind a socket for both.
            isIPv4 = words.0 == 0 && words.1 & 0xffff_ffff == UInt64(0xffff_0000 as UInt32)
            bits = isIPv4 ? words.1 >> 32 : words.0
        default:
            isIPv4 = false
            bits = 0
        }
    }
}
