/// A network device of a node, for its farmer.
public struct NodeInterface: Sendable, Hashable, Decodable {
    /// Addresses with prefix length.
    public let addresses: [String]
    public let mac: String

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        addresses = try members.value(.addresses, or: [])
        mac = try members.value(.mac, or: "")
    }

    private enum CodingKeys: String, CodingKey { case addresses = "ips", mac }
}

/// By which device a node's public addresses leave it.
public struct ExitDevice: Sendable, Hashable, Decodable {
    /// By the node's own.
    public let isSingle: Bool
    /// By one of their own, which `device` names.
    public let isDual: Bool
    public let device: String

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        isSingle = try members.value(.isSingle, or: false)
        isDual = try members.value(.isDual, or: false)
        device = try members.value(.device, or: "")
    }

    private enum CodingKeys: String, CodingKey {
        case isSingle = "is_single", isDual = "is_dual", device = "dual_interface"
    }
}
