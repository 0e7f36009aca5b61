/// A graphics card of a node.
public struct GraphicsCard: Sendable, Hashable, Decodable {
    /// `<slot>/<vendor>/<device>`: what a machine asks for.
    public let id: String
    public let vendor: String
    public let device: String
    /// 0 from nodes that do not say.
    public let memory: UInt64
    /// The contract that has it; 0 for none.
    public let contract: UInt64

    public var isFree: Bool { contract == 0 }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        id = try members.decode(String.self, forKey: .id)
        vendor = try members.value(.vendor, or: "unknown")
        device = try members.value(.device, or: "unknown")
        memory = try members.value(.memory, or: 0)
        contract = try members.value(.contract, or: 0)
    }

    private enum CodingKeys: String, CodingKey { case id, vendor, device, memory = "vram", contract }
}
