/// A regular expression that runs in time linear in the text: all states of a nondeterministic automaton at once
/// (Thompson; see https://swtch.com/~rsc/regexp/regexp2.html), so no pattern and no text make it explode.
struct Pattern: Sendable {
    /// Instructions of one pattern, counted repetitions written out.
    private static let greatestProgram = 5_000

    private enum Instruction: Sendable {
        case match
        case scalar(UInt32)
        case set(ScalarSet, cost: Int)
        case assertion(PatternAssertion)
        case jump(Int)
        case split(Int, Int)
    }

    private var program: [Instruction] = []
    private var visits = 0

    /// The number of instructions.
    var size: Int { program.count }

    init(_ text: String) throws(PatternError) {
        try emit(try PatternParser.parse(text))
        program.append(.match)
    }

    private mutating func emit(_ node: PatternNode) throws(PatternError) {
        visits += 1
        guard visits <= 2 * Self.greatestProgram, program.count < Self.greatestProgram else {
            throw PatternError("too big: more than \(Self.greatestProgram) states")
        }
        switch node {
        case .empty: break
        case .scalar(let value): program.append(.scalar(value))
        case .set(let set): program.append(.set(set, cost: set.cost))
        case .assertion(let assertion): program.append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emitChoice(nodes)
        case .repetition(let node, let least, let most):
            try emitRepetition(node, least: least, most: most)
        }
    }

    private mutating func emitChoice(_ nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let split = program.count
            program.append(.split(split + 1, 0))
            try emit(node)
            jumps.append(program.count)
            program.append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        if let last = nodes.last { try emit(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func emitRepetition(_ node: PatternNode, least: Int, most: Int?)
        throws(PatternError)
    {
        for _ in 0..<least { try emit(node) }
        guard let most else {
            let split = program.count
            program.append(.split(split + 1, 0))
            try emit(node)
            program.append(.jump(split))
            program[split] = .split(split + 1, program.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(program.count)
            program.append(.split(program.count + 1, 0))
            try emit(node)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }

    /// Whether the pattern occurs in `text`. Each step costs one of `budget`.
    func matches(_ text: String, budget: inout StepBudget) throws(StepBudget.Exhausted) -> Bool {
        var active = StateSet(count: program.count)
        var following = StateSet(count: program.count)
        var previous: Unicode.Scalar?
        var scalars = text.unicodeScalars.makeIterator()
        var current = scalars.next()
        while true {
            // A match may begin at every place.
            if try add(0, to: &active, between: previous, and: current, budget: &budget) { return true }
            guard let scalar = current else { return false }
            let upcoming = scalars.next()
            following.removeAll()
            for state in active.states {
                guard try consumes(state, scalar, budget: &budget) else { continue }
                if try add(state + 1, to: &following, between: scalar, and: upcoming, budget: &budget) {
                    return true
                }
            }
            swap(&active, &following)
            (previous, current) = (scalar, upcoming)
        }
    }

    private func consumes(
        _ state: Int, _ scalar: Unicode.Scalar, budget: inout StepBudget
    ) throws(StepBudget.Exhausted) -> Bool {
        switch program[state] {
        case .scalar(let value):
            try budget.spend(1)
            return value == scalar.value
        case .set(let set, let cost):
            try budget.spend(cost)
            return set.contains(scalar)
        default: return false
        }
    }

    /// Adds a state and all that are reached from it without a character. True if the end of the pattern is among them.
    private func add(
        _ first: Int, to set: inout StateSet, between previous: Unicode.Scalar?,
        and next: Unicode.Scalar?,
        budget: inout StepBudget
    ) throws(StepBudget.Exhausted) -> Bool {
        var stack = [first]
        while let state = stack.popLast() {
            try budget.spend(1)
            guard set.insert(state) else { continue }
            switch program[state] {
            case .match: return true
            case .jump(let target): stack.append(target)
            case .split(let left, let right): stack += [right, left]
            case .assertion(let assertion):
                if Self.holds(assertion, previous, next) { stack.append(state + 1) }
            case .scalar, .set: break
            }
        }
        return false
    }

    private static func holds(
        _ assertion: PatternAssertion, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?
    )
        -> Bool
    {
        switch assertion {
        case .start: return previous == nil
        case .end: return next == nil
        case .wordBoundary, .noWordBoundary:
            let isBoundary =
                (previous.map(ScalarSet.word.contains) ?? false)
                != (next.map(ScalarSet.word.contains) ?? false)
            return isBoundary == (assertion == .wordBoundary)
        }
    }
}

/// A set of states that is emptied in constant time.
private struct StateSet {
    private(set) var states: [Int] = []
    private var positions: [Int]

    init(count: Int) { positions = Array(repeating: 0, count: count) }

    mutating func insert(_ state: Int) -> Bool {
        let position = positions[state]
        if position < states.count, states[position] == state { return false }
        positions[state] = states.count
        states.append(state)
        return true
    }

    mutating func removeAll() { states.removeAll(keepingCapacity: true) }
}
