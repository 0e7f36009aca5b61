/// What the user reads of a machine.
public struct ZMachineResult: Codable, Sendable, Hashable {
    public var id: String
    /// The private IPv4 address.
    public var ip: String
    public var planetaryIP: String
    public var myceliumIP: String
    /// Address and TCP port of the machine's serial console, for members of its network; empty if there is none.
    public var consoleURL: String

    enum CodingKeys: String, CodingKey {
        case id, ip
        case planetaryIP = "planetary_ip"
        case myceliumIP = "mycelium_ip"
        case consoleURL = "console_url"
    }
}
