import Addresses
import Netlink

extension NetworkPlan {
    /// 100.64.b.c/16, where b and c are the second and third byte of the subnet.
    var tunnelAddress: InterfaceAddress {
        let bytes = gateway.bytes
        return InterfaceAddress(.v4(IPv4Address(100, 64, bytes[1], bytes[2])), prefix: 16)
    }

    /// What the leg on the bridge carries: the gateway's addresses of both families and the link-local one.
    var legAddresses: [InterfaceAddress] {
        let linkLocal = IPv6Address(high: 0xfe80 << 48, low: 1)
        return [
            InterfaceAddress(.v4(gateway), prefix: subnet.prefix),
            InterfaceAddress(.v6(v6(of: gateway)), prefix: 64),
            InterfaceAddress(.v6(linkLocal), prefix: 64),
        ]
    }

    /// The IPv6 address that belongs to an IPv4 address a.b.c.d of the subnet: `fd` and the first five characters of
    /// the id, then c, then d.
    func v6(of address: IPv4Address) -> IPv6Address {
        let characters = Array(id.utf8.prefix(5)) + [0, 0, 0, 0, 0]
        let high = characters.prefix(5).reduce(UInt64(0xfd)) { $0 << 8 | UInt64($1) }
        return IPv6Address(high: high << 16 | UInt64(address.bytes[2]), low: UInt64(address.bytes[3]))
    }
}
