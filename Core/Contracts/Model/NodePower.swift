/// Whether a node runs and whether it should.
public struct NodePower: Sendable, Hashable, Codable {
    public enum State: Sendable, Hashable, Codable {
        case up
        /// Since that block.
        case down(block: UInt32)
    }

    public enum Target: String, Sendable, Hashable, Codable { case up = "Up", down = "Down" }

    public var state: State
    public var target: Target

    public init(state: State = .up, target: Target = .up) {
        self.state = state
        self.target = target
    }

    public var isUp: Bool { state == .up && target == .up }
}
