/// The public addresses that a farmer gives to a node itself.
public struct PublicConfig: Sendable, Hashable, Codable {
    /// An address with prefix length and its gateway.
    public struct Address: Sendable, Hashable, Codable {
        public let ip: String
        public let gateway: String

        public init(ip: String, gateway: String) {
            self.ip = ip
            self.gateway = gateway
        }
    }

    public let ip4: Address
    public let ip6: Address?
    public let domain: String?

    public init(ip4: Address, ip6: Address? = nil, domain: String? = nil) {
        self.ip4 = ip4
        self.ip6 = ip6
        self.domain = domain
    }
}
