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
}
