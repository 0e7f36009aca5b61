/// `zos.network.public_config_get`: the node's own public addresses. Empty texts for what it does not have.
public struct NodePublicConfig: Sendable, Hashable, Decodable {
    /// `macvlan` or `vlan`.
    public let type: String
    /// Address with prefix length.
    public let ipv4: String
    public let ipv6: String
    public let gateway4: String
    public let gateway6: String
    public let domain: String

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        type = try members.value(.type, or: "")
        ipv4 = try members.value(.ipv4, or: "")
        ipv6 = try members.value(.ipv6, or: "")
        gateway4 = try members.value(.gateway4, or: "")
        gateway6 = try members.value(.gateway6, or: "")
        domain = try members.value(.domain, or: "")
    }

    private enum CodingKeys: String, CodingKey { case type, ipv4, ipv6, gateway4 = "gw4", gateway6 = "gw6", domain }
}
