/// A node contract that a deployment was checked against.
public struct AcceptedContract: Sendable, Hashable {
    public let contract: Contract
    /// The rent contract of this node, if somebody rented it.
    public let rentContract: UInt64?

    /// In grace: install, then pause.
    public var isPaused: Bool { contract.state.isInGrace }
    /// The addresses that the farm reserved for this contract, in its order.
    public var publicIPs: [PublicIP] { contract.kind.node?.publicIPs ?? [] }

    public init(contract: Contract, rentContract: UInt64?) {
        self.contract = contract
        self.rentContract = rentContract
    }
}
