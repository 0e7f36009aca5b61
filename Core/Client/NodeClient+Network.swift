import JSON

extension NodeClient {
    /// The UDP ports that are taken; what is not in the list is free.
    public func takenPorts() async throws(ClientError) -> [UInt16] {
        let command = "zos.network.list_wg_ports"
        return try await call(command).answers(to: command)
    }

    /// Ports of the range that nobody has taken, the lowest first.
    public func freePorts(_ count: Int, in range: ClosedRange<UInt16> = 1024...32767) async throws(ClientError)
        -> [UInt16]
    {
        let taken = Set(try await takenPorts())
        return Array(range.lazy.filter { !taken.contains($0) }.prefix(count))
    }

    /// The node's own public addresses; nil if it has none.
    public func publicConfig() async throws(ClientError) -> NodePublicConfig? {
        let command = "zos.network.public_config_get"
        let answer = try await call(command, absent: ["no public configuration"])
        return try answer.map { value throws(ClientError) in try value.answer(to: command) }
    }

    /// The node's own addresses.
    public func interfaces() async throws(ClientError) -> NodeAddresses {
        let command = "zos.network.interfaces"
        return try await call(command).answer(to: command)
    }

    /// Whether the internet's IPv6 reaches the node.
    public func hasIPv6() async throws(ClientError) -> Bool {
        try await call("zos.network.has_ipv6", absent: ["no public ipv6 found"])?.boolValue ?? false
    }

    /// Public addresses of all users' workloads, with prefix length.
    public func publicIPs() async throws(ClientError) -> [String] {
        let command = "zos.network.list_public_ips"
        return try await call(command).answers(to: command)
    }

    /// Addresses of the caller's machines in one of its networks.
    public func privateIPs(network: String) async throws(ClientError) -> [String] {
        let command = "zos.network.list_private_ips"
        return try await call(command, ["network_name": .string(network)]).answers(to: command)
    }
}
