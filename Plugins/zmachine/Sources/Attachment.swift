import Addresses
import JSON
import PluginSDK

/// A place where a machine is attached, before the default routes are dealt out: a network of the user, or the
/// segment with public addresses.
struct Attachment: Sendable {
    let tap: String
    let mac: MACAddress
    let segmentOf: String
    let addresses: [CIDR]
    let routes: [GuestInterface.Route]
    /// The way out of each family that it offers.
    let gateways: [IPAddress]

    /// The user's network (docs/spec/workloads.md section 6.3, step 3), and the machine's address in it.
    static func `private`(_ workload: Workload<ZMachine>) throws -> (Attachment, IPv4Address) {
        guard let wanted = workload.data.network.interfaces?.first else {
            throw PluginError.invalid("only one network private network is supported at the moment")
        }
        let reference = workload.reference("/network/interfaces/0/network")
        guard let reference, reference.isUsable, let segment = reference.export("segment") else {
            throw PluginError.invalid("network '\(wanted.network)' is not there; deploy it on this node first")
        }
        let subnet = try CIDR(parsing: segment["subnet"]?.stringValue ?? "")
        let range = try CIDR(parsing: segment["ip_range"]?.stringValue ?? "")
        let gateway = try IPAddress(parsing: segment["gateway"]?.stringValue ?? "")
        let address = try checked(wanted.ip, in: subnet, gateway: gateway)
        let (tap, mac) = MachineNames(workload: workload.id).privateTap(network: wanted.network)
        var addresses = [CIDR(.v4(address), prefix: subnet.prefix)].compactMap { $0 }
        var gateways = [gateway]
        if let text = segment["ipv6"]?.stringValue, !text.isEmpty, let prefix = try CIDR(parsing: text).address.v6 {
            let own = IPv6Address(high: prefix.high, low: UInt64(address.bytes[3]))
            addresses += [CIDR(.v6(own), prefix: 64)].compactMap { $0 }
            if let text = segment["gateway6"]?.stringValue { gateways.append(try IPAddress(parsing: text)) }
        }
        // Computers that reach the network by its tunnel are answered by their tunnel addresses.
        let tunnels = CIDR(.v4(IPv4Address(100, 64, 0, 0)), prefix: 16)
        let routes = [range, tunnels].compactMap { $0 }.filter { $0.network != subnet.network }
            .map { GuestInterface.Route(destination: $0.network, gateway: gateway) }
        return (
            Attachment(
                tap: tap, mac: mac, segmentOf: reference.workload, addresses: addresses, routes: routes,
                gateways: gateways), address
        )
    }

    /// The public addresses that an ip workload of the deployment holds; nil if none is asked for.
    static func `public`(_ workload: Workload<ZMachine>) throws -> Attachment? {
        let name = workload.data.network.publicIP
        guard !name.isEmpty else { return nil }
        let reference = workload.reference("/network/public_ip")
        guard let reference, reference.isUsable, let segment = reference.export("segment") else {
            throw PluginError.invalid("public ip '\(name)' is not ready")
        }
        let texts = ["ip", "ip6"].compactMap { reference.result[$0]?.stringValue }.filter { !$0.isEmpty }
        let gateways = [reference.result["gateway"], segment["gateway6"]].compactMap { $0?.stringValue }
            .filter { !$0.isEmpty }
        let (tap, mac) = MachineNames.publicTap(address: reference.workload)
        return Attachment(
            tap: tap, mac: mac, segmentOf: reference.workload, addresses: try texts.map { try CIDR(parsing: $0) },
            routes: [], gateways: try gateways.map { try IPAddress(parsing: $0) })
    }

    /// Where packets go that belong nowhere else: for each family the last attachment that has a way out gets the
    /// default route, so the public one if there is one.
    static func interfaces(_ attachments: [Attachment]) -> [GuestInterface] {
        attachments.enumerated().map { index, attachment in
            let defaults = attachment.gateways.filter { gateway in
                !attachments[(index + 1)...].contains { $0.gateways.contains { $0.bitWidth == gateway.bitWidth } }
            }
            return GuestInterface(
                name: "eth\(index)", mac: attachment.mac, tap: attachment.tap, segmentOf: attachment.segmentOf,
                addresses: attachment.addresses,
                routes: attachment.routes + defaults.map { GuestInterface.Route(destination: nil, gateway: $0) })
        }
    }

    /// The rules for a machine's address (docs/spec/workloads.md section 3.2).
    private static func checked(_ text: String, in subnet: CIDR, gateway: IPAddress) throws -> IPv4Address {
        guard let address = (try? IPAddress(parsing: text))?.v4 else {
            throw PluginError.invalid("ip '\(text)' has to be an IPv4 address of the network")
        }
        guard subnet.contains(.v4(address)) else {
            throw PluginError.invalid("ip \(address) is not in the network's subnet \(subnet)")
        }
        guard address.bytes[3] != 1, .v4(address) != gateway else {
            throw PluginError.invalid("ip \(address) is the gateway's; choose another one of \(subnet)")
        }
        guard .v4(address) != subnet.first, .v4(address) != subnet.last else {
            throw PluginError.invalid("ip \(address) is the first or last of \(subnet); choose one in between")
        }
        return address
    }
}
