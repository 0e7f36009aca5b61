/// An agreement between a twin and a node, about a name, or about renting a node.
public struct Contract: Sendable, Hashable, Codable {
    public var version: UInt32 = 4
    public let id: UInt64
    public let twin: UInt32
    public var state: ContractState
    public var kind: ContractKind
    public var solutionProvider: UInt64?

    public init(
        id: UInt64, twin: UInt32, state: ContractState = .created, kind: ContractKind, solutionProvider: UInt64? = nil
    ) {
        self.id = id
        self.twin = twin
        self.state = state
        self.kind = kind
        self.solutionProvider = solutionProvider
    }

    private enum CodingKeys: String, CodingKey {
        case version, id = "contract_id", twin = "twin_id", state, kind, solutionProvider = "solution_provider_id"
    }
}

/// Where a contract stands.
public enum ContractState: Sendable, Hashable, Codable {
    case created
    /// Since that block there is no money; deployments are paused until it ends.
    case gracePeriod(block: UInt64)
    case deleted(cause: Cause)
    /// A state that this program does not know, by the chain's name. Neither deleted nor in grace.
    case other(name: String)

    /// Why a contract was deleted, by the chain's name; there may be more than these.
    public struct Cause: RawRepresentable, Sendable, Hashable, Codable {
        public static let canceledByUser = Cause(rawValue: "CanceledByUser")
        public static let outOfFunds = Cause(rawValue: "OutOfFunds")
        public static let canceledByCollective = Cause(rawValue: "CanceledByCollective")

        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var isDeleted: Bool { if case .deleted = self { true } else { false } }
    public var isInGrace: Bool { if case .gracePeriod = self { true } else { false } }

    private enum CodingKeys: String, CodingKey { case created, gracePeriod = "grace_period", deleted, other }
}

/// What a contract is about.
public enum ContractKind: Sendable, Hashable {
    case node(NodeContract)
    case name(String)
    case rent(node: UInt32)
    /// A kind that this program does not know, by the chain's name.
    case other(String)

    /// The contents of a node contract, nil for the other kinds.
    public var node: NodeContract? { if case .node(let contract) = self { contract } else { nil } }
}

/// The contents of a node contract.
public struct NodeContract: Sendable, Hashable, Codable {
    public let node: UInt32
    public var hash: ContractHash
    /// What the creator wanted to note; at most 512 bytes.
    public var data: HexBytes
    public let publicIPCount: UInt32
    /// The addresses that were reserved for this contract.
    public var publicIPs: [PublicIP]

    public init(
        node: UInt32, hash: ContractHash, data: HexBytes = HexBytes([]), publicIPCount: UInt32 = 0,
        publicIPs: [PublicIP] = []
    ) {
        self.node = node
        self.hash = hash
        self.data = data
        self.publicIPCount = publicIPCount
        self.publicIPs = publicIPs
    }

    private enum CodingKeys: String, CodingKey {
        case node = "node_id", hash = "deployment_hash", data = "deployment_data", publicIPCount = "public_ips"
        case publicIPs = "public_ips_list"
    }
}
