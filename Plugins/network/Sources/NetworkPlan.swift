import Addresses
import Netlink
import PluginSDK

/// What a network needs on the host: checked data and derived names and addresses
/// (docs/spec/workloads.md sections 1.5 and 3.1).
struct NetworkPlan: Sendable {
    let names: NetworkNames
    let range: CIDR
    let subnet: CIDR
    let gateway: IPv4Address
    let privateKey: [UInt8]
    let listenPort: UInt16
    let peers: [WireGuardPeer]

    var id: String { names.id }
    var bridge: String { names.bridge }
    var namespace: String { names.namespace }
    var leg: String { names.leg }
    var tunnel: String { names.tunnel }
    /// The link of the way out in the namespace.
    static let exit = "public"
    static let tunnelMTU: UInt32 = 1_420
    /// Seconds.
    static let keepalive: UInt16 = 20

    init(_ workload: Workload<Network>) throws {
        try self.init(workload.data, twin: workload.twin, name: workload.name)
    }

    init(_ network: Network, twin: UInt32, name: String) throws {
        try network.validate()
        // Machines derive device names from these words too.
        guard !["pub", "ygg", "mycelium"].contains(name) else {
            throw PluginError.invalid("a network cannot be called '\(name)': the node uses that word itself")
        }
        guard network.mycelium == nil else {
            throw PluginError.unsupported("this node offers no mycelium; leave 'mycelium' out of the network's data")
        }
        names = NetworkNames(twin: twin, name: name)
        range = try Self.range(network.range, "ip_range")
        subnet = try Self.range(network.subnet, "subnet")
        guard range.contains(subnet) else {
            throw PluginError.invalid("subnet \(subnet) does not lie in ip_range \(range)")
        }
        gateway = try Self.gateway(of: subnet)
        guard let key = Base64.decode(network.privateKey.revealed), key.count == 32 else {
            throw PluginError.invalid("wireguard_private_key has to be 32 bytes in base64")
        }
        privateKey = key
        listenPort = network.listenPort
        guard listenPort >= 1_024, !ReservedPorts.all.contains(listenPort) else {
            throw PluginError.invalid(
                "wireguard_listen_port \(listenPort) is kept for the node: choose a free one from 1024 on, see zos.network.list_wg_ports"
            )
        }
        peers = try PeerList.parse(network.peers ?? [])
    }

    private static func range(_ text: String, _ member: String) throws -> CIDR {
        let range: CIDR
        do { range = try CIDR(parsing: text) } catch { throw PluginError.invalid("\(member): \(error)") }
        guard range.address.v4 != nil, (8...30).contains(range.prefix) else {
            throw PluginError.invalid("\(member) \(range) has to be an IPv4 range with a prefix of 8 to 30 bits")
        }
        return range
    }

    /// The subnet with 1 as its last byte.
    private static func gateway(of subnet: CIDR) throws -> IPv4Address {
        let gateway = IPv4Address((subnet.address.v4?.value ?? 0) & 0xffff_ff00 | 1)
        guard subnet.contains(.v4(gateway)), subnet.first != .v4(gateway) else {
            throw PluginError.invalid(
                "subnet \(subnet) lacks the gateway's address \(gateway): use a /24, or one that starts at .0")
        }
        return gateway
    }
}
