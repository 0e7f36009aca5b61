/// A parsed pattern.
indirect enum PatternNode: Sendable {
    case empty
    case scalar(UInt32)
    case set(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `most` is nil where there is no upper bound.
    case repetition(PatternNode, least: Int, most: Int?)
}

/// What matches between two characters.
enum PatternAssertion: Sendable {
    case start, end, wordBoundary, noWordBoundary
}

/// A set of Unicode scalars, as a character class says it.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var categories: Set<Unicode.GeneralCategory> = []
    var nested: [ScalarSet] = []
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        let isMember =
            ranges.contains { $0.contains(value) } || nested.contains { $0.contains(scalar) }
            || !categories.isEmpty && categories.contains(scalar.properties.generalCategory)
        return isMember != isNegated
    }

    /// How many tests `contains` makes at most.
    var cost: Int { ranges.count + nested.reduce(1) { $0 + $1.cost } }

    var negated: ScalarSet {
        var copy = self
        copy.isNegated.toggle()
        return copy
    }

    static let digit = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// WhiteSpace and LineTerminator of ECMA-262.
    static let space = ScalarSet(
        ranges: [0x09...0x0D, 0xFEFF...0xFEFF, 0x2028...0x2029], categories: [.spaceSeparator])
    static let lineEnd = ScalarSet(ranges: [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
}
