import Netlink
import PluginSDK

extension RouteNetlink {
    /// Gives a link exactly these addresses (besides those that the kernel made itself) and sets it up.
    /// Returns whether something had to be changed.
    func ensure(_ wanted: [InterfaceAddress], on name: String, mtu: UInt32? = nil) throws -> Bool {
        guard let link = try link(named: name) else {
            throw PluginError.failed("link \(name) is not in its namespace")
        }
        var isChanged = false
        if let mtu, link.mtu != mtu {
            try change(link.index, LinkChange(mtu: mtu))
            isChanged = true
        }
        let present = try addresses(of: link.index)
        // Adding first: removing the first address of a range would take the others of the range with it.
        for address in wanted where !present.contains(address) {
            isChanged = try add(address, to: link.index) || isChanged
        }
        for address in present where !wanted.contains(address) && !address.isLinkLocal {
            isChanged = try remove(address, from: link.index) || isChanged
        }
        for address in wanted { isChanged = try add(address, to: link.index) || isChanged }
        if !link.isUp {
            try change(link.index, LinkChange(isUp: true))
            isChanged = true
        }
        return isChanged
    }
}

extension InterfaceAddress {
    /// fe80::/10, which the kernel hands out by itself.
    var isLinkLocal: Bool { isV6 && bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80 }
}
