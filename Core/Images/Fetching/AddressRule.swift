import CFetch
import Glibc

/// Which addresses a server may have: what belongs to the public internet, unless the operator allows more. URLs come
/// from users, and the node's own network must not be reached through them (docs/spec/flist.md section 4).
public struct AddressRule: Sendable {
    public let allowsPrivate: Bool

    public init(allowsPrivate: Bool) { self.allowsPrivate = allowsPrivate }

    func allows(_ address: UnsafePointer<sockaddr>, length: UInt32) -> Bool {
        guard !allowsPrivate else { return true }
        switch Int32(address.pointee.sa_family) {
        case AF_INET where length >= UInt32(MemoryLayout<sockaddr_in>.size):
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin_addr) { Self.isPublic(v4: Array($0)) }
            }
        case AF_INET6 where length >= UInt32(MemoryLayout<sockaddr_in6>.size):
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { Self.isPublic(v6: Array($0)) }
            }
        default: return false
        }
    }

    /// By the registry of special-purpose IPv4 addresses (RFC 6890).
    static func isPublic(v4 bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return false }
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): return false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): return false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): return false
        default: return true
        }
    }

    /// Global unicast only (RFC 4291), without what stands for an IPv4 address or is for documentation.
    static func isPublic(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return false }
        // 64:ff9b::/96 is translated to the IPv4 address at its end.
        if bytes.prefix(12).elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) {
            return isPublic(v4: Array(bytes.suffix(4)))
        }
        guard bytes[0] & 0xe0 == 0x20 else { return false }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x20, 0x02, _, _): return isPublic(v4: Array(bytes[2..<6]))  // 6to4
        case (0x20, 0x01, 0, _), (0x20, 0x01, 1, _): return false  // Teredo and other assignments of the IETF
        case (0x20, 0x01, 0x0d, 0xb8), (0x3f, 0xff, 0...0x0f, _): return false  // documentation
        default: return true
        }
    }
}
