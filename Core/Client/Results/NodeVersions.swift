/// `zos.system.version`: the versions of a node's software.
public struct NodeVersions: Sendable, Hashable, Decodable {
    public let node: String
    /// Of the program that starts the node; `none` where there is no such program.
    public let start: String

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        node = try members.value(.node, or: "")
        start = try members.value(.start, or: "")
    }

    private enum CodingKeys: String, CodingKey { case node = "zos", start = "zinit" }
}
