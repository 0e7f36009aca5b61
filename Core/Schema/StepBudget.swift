/// The steps that an evaluation may still take.
struct StepBudget: Sendable {
    struct Exhausted: Error {}
    private(set) var remaining: Int

    init(_ steps: Int) { remaining = steps }

    mutating func spend(_ steps: Int) throws(Exhausted) {
        guard steps <= remaining else {
            remaining = 0
            throw Exhausted()
        }
        remaining -= steps
    }
}
