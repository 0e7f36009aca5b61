extension ContractKind: Codable {
    private enum CodingKeys: String, CodingKey { case node, name, rent, other }
    private enum RentKeys: String, CodingKey { case node = "node_id" }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let node = try container.decodeIfPresent(NodeContract.self, forKey: .node) {
            self = .node(node)
        } else if let name = try container.decodeIfPresent(String.self, forKey: .name) {
            self = .name(name)
        } else if let other = try container.decodeIfPresent(String.self, forKey: .other) {
            self = .other(other)
        } else {
            let rent = try container.nestedContainer(keyedBy: RentKeys.self, forKey: .rent)
            self = .rent(node: try rent.decode(UInt32.self, forKey: .node))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .node(let contract): try container.encode(contract, forKey: .node)
        case .name(let name): try container.encode(name, forKey: .name)
        case .other(let name): try container.encode(name, forKey: .other)
        case .rent(let node):
            var rent = container.nestedContainer(keyedBy: RentKeys.self, forKey: .rent)
            try rent.encode(node, forKey: .node)
        }
    }
}
