/// Where a node stands, as its operator says.
public struct Location: Sendable, Hashable, Codable {
    public var city: String
    public var country: String
    /// Degrees as text, or `Unknown`.
    public var latitude: String
    public var longitude: String

    public init(
        city: String = "Unknown", country: String = "Unknown", latitude: String = "Unknown",
        longitude: String = "Unknown"
    ) {
        self.city = city
        self.country = country
        self.latitude = latitude
        self.longitude = longitude
    }
}

/// A network interface of a node.
public struct Interface: Sendable, Hashable, Codable {
    public let name: String
    public let mac: String
    public let ips: [String]

    public init(name: String, mac: String, ips: [String]) {
        self.name = name
        self.mac = mac
        self.ips = ips
    }
}
