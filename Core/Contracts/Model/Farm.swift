/// A farm: what a farmer's nodes and public addresses belong to.
public struct Farm: Sendable, Hashable, Codable {
    /// What the grid thinks of a farm, by the chain's name; there may be more than these.
    public struct Certification: RawRepresentable, Sendable, Hashable, Codable {
        public static let notCertified = Certification(rawValue: "NotCertified")
        public static let gold = Certification(rawValue: "Gold")

        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var version: UInt32 = 4
    public let id: UInt32
    public let name: String
    public let twin: UInt32
    public var pricingPolicy: UInt32 = 1
    public var certification = Certification.notCertified
    public var publicIPs: [PublicIP]
    /// Whether its nodes only take deployments of whoever rented them.
    public var isDedicated = false

    public init(id: UInt32, name: String, twin: UInt32, publicIPs: [PublicIP] = []) {
        self.id = id
        self.name = name
        self.twin = twin
        self.publicIPs = publicIPs
    }

    private enum CodingKeys: String, CodingKey {
        case version, id, name, twin = "twin_id", pricingPolicy = "pricing_policy_id", certification
        case publicIPs = "public_ips", isDedicated = "dedicated"
    }
}
