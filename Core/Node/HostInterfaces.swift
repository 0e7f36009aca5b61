import Addresses
import Glibc
import Netlink

/// The node's own links, in the network namespace that it was started in.
public enum HostInterfaces {
    /// A link with its addresses.
    struct Interface: Sendable, Hashable {
        let name: String
        /// The kind of a virtual link, nil for a device.
        let kind: String?
        let index: UInt32
        /// The bridge that it is a port of.
        let master: UInt32?
        /// As text; empty where the link has none.
        let mac: String
        let addresses: [CIDR]
    }

    /// Addresses by link, without prefix length; loopback and link-local ones left out. Empty if the kernel does not say.
    public static func addresses() -> [(link: String, address: String)] {
        let all = (try? list()) ?? []  // A node without an answer of the kernel has nothing to show.
        return all.flatMap { interface in
            interface.addresses.filter { !$0.address.isLinkLocal }.map { (interface.name, $0.address.text) }
        }
    }

    /// All links but loopback, by name.
    static func list() throws(NetlinkError) -> [Interface] {
        let socket = try NetlinkProtocol.route.open()
        defer { close(socket) }
        let routes = RouteNetlink(descriptor: socket)
        var found: [Interface] = []
        for link in try routes.links() where link.name != "lo" {
            let addresses = try routes.addresses(of: link.index).compactMap { address in
                IPAddress(bytes: address.bytes).flatMap { CIDR($0, prefix: Int(address.prefix)) }
            }
            let mac = link.hardwareAddress.count == 6 ? link.hardwareAddress.map(Self.hex).joined(separator: ":") : ""
            found.append(
                Interface(
                    name: link.name, kind: link.kind, index: link.index, master: link.master, mac: mac,
                    addresses: addresses))
        }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func hex(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
}

extension IPAddress {
    /// 200::/7, the addresses of the Yggdrasil network.
    var isPlanetary: Bool { isV6 { $0[0] & 0xfe == 0x02 } }

    /// An IPv6 address that the internet routes: 2000::/3.
    var isGlobalV6: Bool { isV6 { $0[0] & 0xe0 == 0x20 } }

    private func isV6(_ test: ([UInt8]) -> Bool) -> Bool {
        let bytes = bytes
        return bytes.count == 16 && test(bytes)
    }
}

extension HostInterfaces {
    /// The node's addresses in the Yggdrasil network.
    static func planetary() -> [String] {
        let all = (try? list()) ?? []  // As above.
        return all.flatMap(\.addresses).map(\.address).filter(\.isPlanetary).map(\.text)
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
