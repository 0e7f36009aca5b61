/// What a node tells about itself when it registers.
public struct NodeRegistration: Sendable, Hashable, Codable {
    public var farm: UInt32
    public var resources: Resources
    public var location: Location
    public var interfaces: [Interface]
    public var secureBoot: Bool
    public var isVirtualized: Bool
    public var serialNumber: String?

    public init(
        farm: UInt32, resources: Resources, location: Location = Location(), interfaces: [Interface] = [],
        secureBoot: Bool = false, isVirtualized: Bool = false, serialNumber: String? = nil
    ) {
        self.farm = farm
        self.resources = resources
        self.location = location
        self.interfaces = interfaces
        self.secureBoot = secureBoot
        self.isVirtualized = isVirtualized
        self.serialNumber = serialNumber
    }

    private enum CodingKeys: String, CodingKey {
        case farm = "farm_id", resources, location, interfaces, secureBoot = "secure_boot"
        case isVirtualized = "virtualized", serialNumber = "serial_number"
    }
}

/// A node as the ledger knows it.
public struct Node: Sendable, Hashable, Codable {
    public var version: UInt32 = 5
    public let id: UInt32
    public let twin: UInt32
    public var registration: NodeRegistration
    public var publicConfig: PublicConfig?
    /// Seconds since 1970.
    public let created: UInt64
    public var farmingPolicy: UInt32 = 1
    public var certification = "Diy"
    public var connectionPrice: UInt32 = 0

    public init(id: UInt32, twin: UInt32, registration: NodeRegistration, created: UInt64) {
        self.id = id
        self.twin = twin
        self.registration = registration
        self.created = created
    }

    public var farm: UInt32 { registration.farm }

    private enum CodingKeys: String, CodingKey {
        case version, id, twin = "twin_id", registration, publicConfig = "public_config", created
        case farmingPolicy = "farming_policy_id", certification, connectionPrice = "connection_price"
    }
}
