import Glibc

/// Addresses of the node's own links, in the network namespace that it was started in (getifaddrs(3)).
public enum HostInterfaces {
    /// Addresses by link, without prefix length; loopback and link-local ones left out.
    public static func addresses() -> [(link: String, address: String)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(String, String)] = []
        var entry = list
        // SAFETY: getifaddrs made a list that ends with nil and stays valid until freeifaddrs.
        while let current = entry?.pointee {
            entry = current.ifa_next
            guard let address = current.ifa_addr, current.ifa_flags & UInt32(IFF_LOOPBACK) == 0 else {
                continue
            }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [CChar](repeating: 0, count: 64)
            guard getnameinfo(address, socklen_t(length), &text, 64, nil, 0, NI_NUMERICHOST) == 0 else { continue }
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if name.hasPrefix("fe80:") || name.contains("%") { continue }
            found.append((String(cString: current.ifa_name), name))
        }
        return found
    }

    /// Hardware addresses by link, `02:00:00:00:00:01`; links without one left out (packet(7)). Not read from sysfs, which shows the
    /// namespace that it was mounted in.
    public static func hardwareAddresses() -> [String: String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [:] }
        defer { freeifaddrs(list) }
        var found: [String: String] = [:]
        var entry = list
        // SAFETY: getifaddrs made a list that ends with nil and stays valid until freeifaddrs; an address of family
        // AF_PACKET has 20 bytes (packet(7)).
        while let current = entry?.pointee {
            entry = current.ifa_next
            guard let address = current.ifa_addr, Int32(address.pointee.sa_family) == AF_PACKET else { continue }
            // sockaddr_ll: after 11 bytes the length of the hardware address, then 8 bytes for it.
            let link = UnsafeRawBufferPointer(start: address, count: 20)
            let bytes = Array(link[12...].prefix(Int(link[11])))
            guard bytes.count == 6, bytes.contains(where: { $0 != 0 }) else { continue }
            found[String(cString: current.ifa_name)] = bytes.map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined(separator: ":")
        }
        return found
    }
}
