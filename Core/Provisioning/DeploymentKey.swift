/// What a deployment is known by on a node: its owner and its contract.
public struct DeploymentKey: Sendable, Hashable, CustomStringConvertible {
    public let twin: UInt32
    public let contract: UInt64

    public init(twin: UInt32, contract: UInt64) {
        self.twin = twin
        self.contract = contract
    }

    public var description: String { "\(twin):\(contract)" }
}
