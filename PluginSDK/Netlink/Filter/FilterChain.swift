/// A chain of rules; with a hook it is a base chain, which the kernel enters by itself.
public struct FilterChain: Sendable, Hashable {
    /// What the kernel uses a base chain for.
    public enum Kind: String, Sendable {
        case filter
        case nat
    }

    /// Where the kernel enters the chain.
    public enum Hook: UInt32, Sendable {
        case prerouting = 0
        case input = 1
        case forward = 2
        case output = 3
        case postrouting = 4
    }

    /// What happens to packets that no rule decides about.
    public enum Policy: UInt32, Sendable {
        case drop = 0
        case accept = 1
    }

    /// Place and policy of a base chain; a lower priority comes first.
    public struct Base: Sendable, Hashable {
        public let kind: Kind
        public let hook: Hook
        public let priority: Int32
        public let policy: Policy

        public init(_ kind: Kind, _ hook: Hook, priority: Int32, policy: Policy = .accept) {
            self.kind = kind
            self.hook = hook
            self.priority = priority
            self.policy = policy
        }
    }

    public let name: String
    public let base: Base?

    public init(_ name: String, base: Base? = nil) {
        self.name = name
        self.base = base
    }
}
