import Addresses

/// What the user reads: the addresses of the workload, `""` where there is none.
public struct Assignment: Codable, Sendable, Hashable {
    /// IPv4 with the prefix of its range.
    public var ip: String
    public var ip6: String
    /// Of IPv4.
    public var gateway: String

    public init(ip: String = "", ip6: String = "", gateway: String = "") {
        self.ip = ip
        self.ip6 = ip6
        self.gateway = gateway
    }
}
