import Addresses

/// Frames for tests, as short as their headers allow.
enum Frame {
    static let everyone: [UInt8] = [255, 255, 255, 255, 255, 255]

    static func ipv4(mac: [UInt8], to: [UInt8] = everyone, source: String, destination: String) throws -> [UInt8] {
        let addresses = try IPv4Address(parsing: source).bytes + IPv4Address(parsing: destination).bytes
        // Version and header length, length 25, time to live, protocol 253 (for experiments).
        var header = [0x45, 0, 0, 25, 0, 0, 0, 0, 64, 253, 0, 0] + addresses
        // Bridges that also ask iptables drop packets with a wrong checksum.
        var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        header[10] = UInt8(~sum >> 8 & 0xff)
        header[11] = UInt8(~sum & 0xff)
        return to + mac + [0x08, 0x00] + header
    }

    static func arp(mac: [UInt8], claims address: String, for claimed: [UInt8]) throws -> [UInt8] {
        let sender = try claimed + IPv4Address(parsing: address).bytes
        return everyone + mac + [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2] + sender + everyone + [198, 51, 100, 1]
    }

    /// An IPv6 packet; with an ICMPv6 type the body of a neighbour message that is about `target`.
    static func ipv6(mac: [UInt8], source: String, icmp: UInt8? = nil, target: String = "::") throws -> [UInt8] {
        let source = try IPv6Address(parsing: source).bytes
        let destination = try IPv6Address(parsing: "ff02::1").bytes
        let about = try IPv6Address(parsing: target).bytes
        let body = icmp.map { [$0, 0, 0, 0, 0, 0, 0, 0] + about } ?? []
        let head: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(body.count + 5), icmp == nil ? 253 : 58, 255]
        return everyone + mac + [0x86, 0xdd] + head + source + destination + body
    }

    /// A protocol that machines have no business with.
    static func other(mac: [UInt8]) -> [UInt8] { everyone + mac + [0x88, 0xcc] + [UInt8](repeating: 0, count: 40) }
}
