/// What the filter does with a system call whose arguments meet all conditions.
public struct CallRule: Codable, Sendable, Hashable {
    public enum Outcome: Codable, Sendable, Hashable {
        case allow
        /// Pretend that it failed with this errno; 0 pretends success.
        case refuse(UInt16)
    }

    /// The kernel's name. Names that this architecture lacks are passed over.
    public var name: String
    public var conditions: [Condition]
    public var outcome: Outcome

    public init(_ name: String, _ conditions: Condition..., outcome: Outcome = .allow) {
        self.name = name
        self.conditions = conditions
        self.outcome = outcome
    }

    /// A test of one argument by value: its bits under the mask are those of the value.
    public struct Condition: Codable, Sendable, Hashable {
        public var argument: UInt32
        /// The bits that count.
        public var mask: UInt64
        public var value: UInt64

        /// All 64 bits.
        public static func argument(_ index: UInt32, is value: UInt64) -> Condition {
            Condition(argument: index, mask: .max, value: value)
        }
        /// An argument that the kernel reads as 32 bits: what stands above them must not matter, or it would be a way
        /// around the rule.
        public static func number(_ index: UInt32, is value: UInt32) -> Condition {
            Condition(argument: index, mask: 0xffff_ffff, value: UInt64(value))
        }
        public static func argument(_ index: UInt32, bits mask: UInt64, are value: UInt64) -> Condition {
            Condition(argument: index, mask: mask, value: value)
        }
    }
}
