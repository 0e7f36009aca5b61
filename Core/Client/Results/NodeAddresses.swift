/// `zos.network.interfaces`: a node's own addresses, without prefix length.
public struct NodeAddresses: Sendable, Hashable, Decodable {
    public let own: [String]
    /// In the Yggdrasil network.
    public let planetary: [String]

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        own = try members.value(.own, or: [])
        planetary = try members.value(.planetary, or: [])
    }

    private enum CodingKeys: String, CodingKey { case own = "zos", planetary = "ygg" }
}
