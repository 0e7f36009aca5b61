/// A public IPv4 address of a farm.
public struct PublicIP: Sendable, Hashable, Codable {
    /// Address with prefix length, as `198.51.100.10/24`.
    public let ip: String
    public let gateway: String
    /// The contract that holds the address; 0 when it is free.
    public var contract: UInt64

    public init(ip: String, gateway: String, contract: UInt64 = 0) {
        self.ip = ip
        self.gateway = gateway
        self.contract = contract
    }

    private enum CodingKeys: String, CodingKey { case ip, gateway, contract = "contract_id" }
}
