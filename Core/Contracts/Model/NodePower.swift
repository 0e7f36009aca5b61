/// Whether a node runs and whether it should.
public struct NodePower: Sendable, Hashable, Codable {
    public enum State: Sendable, Hashable, Codable {
        case up
        /// Since that block.
        case down(block: UInt32)
        /// A state that this program does not know, by the chain's name.
        case other(name: String)
    }

    /// What it should be, by the chain's name; there may be more than these.
    public struct Target: RawRepresentable, Sendable, Hashable, Codable {
        public static let up = Target(rawValue: "Up")
        public static let down = Target(rawValue: "Down")

        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var state: State
    public var target: Target

    public init(state: State = .up, target: Target = .up) {
        self.state = state
        self.target = target
    }

    public var isUp: Bool { state == .up && target == .up }
}
