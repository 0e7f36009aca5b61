/// Which of several relays carries the next message: each in turn by its weight. One that fails carries less, but always
/// something, so that it gets its full share again once it works (`docs/spec/rmb-relay.md` section 5).
struct LineChoice: Sendable, Equatable {
    private static let fullWeight = 100

    private var weights: [Int]
    /// What each is owed: the one that is owed most is next.
    private var owed: [Int]

    init(count: Int) {
        weights = Array(repeating: Self.fullWeight, count: count)
        owed = Array(repeating: 0, count: count)
    }

    /// The next of the given ones; nil if there is none.
    mutating func next(of lines: [Int]) -> Int? {
        var chosen: Int?
        var total = 0
        for line in lines where owed.indices.contains(line) {
            owed[line] += weights[line]
            total += weights[line]
            if chosen.map({ owed[line] > owed[$0] }) ?? true { chosen = line }
        }
        if let chosen { owed[chosen] -= total }
        return chosen
    }

    mutating func succeeded(_ line: Int) {
        guard weights.indices.contains(line) else { return }
        weights[line] = min(Self.fullWeight, weights[line] + 10)
    }

    mutating func failed(_ line: Int) {
        guard weights.indices.contains(line) else { return }
        weights[line] = max(1, weights[line] / 2)
        // What it was owed for the time that it did not work is not made up for.
        owed[line] = min(0, owed[line])
    }
}
