/// The order in which the steps of one job may run: each waits for those that it depends on, the others run side by side.
///
/// A workload is made after the ones that it refers to and removed before them. Removals come before everything else, so that
/// what they free can be used again.
struct StepGraph: Sendable {
    /// For each step, in the order of the plan, the indices of the steps that it waits for. Always smaller or acyclic.
    let waitsFor: [[Int]]

    /// - Parameters:
    ///   - steps: in the plan's order of execution.
    ///   - references: for a workload's name the names that it refers to, now (removals) or after the job (the rest).
    init(steps: [Step], references: (Step) -> [String]) {
        var waits: [[Int]] = Array(repeating: [], count: steps.count)
        let downward: Set<Step.Operation> = [.remove, .pause]
        let names = steps.map { Array($0.name.utf8) }
        let targets = steps.map { step in references(step).map { Array($0.utf8) } }
        for index in steps.indices {
            let isDownward = downward.contains(steps[index].operation)
            for other in steps.indices where other != index {
                let otherIsDownward = downward.contains(steps[other].operation)
                if isDownward {
                    // Whoever refers to this one goes first.
                    if otherIsDownward && targets[other].contains(names[index]) { waits[index].append(other) }
                } else if otherIsDownward || targets[index].contains(names[other]) {
                    waits[index].append(other)
                }
            }
        }
        waitsFor = StepGraph.withoutCycles(waits)
    }

    /// Workloads that refer to each other in a circle can never all be ready; their order is then the plan's.
    private static func withoutCycles(_ waits: [[Int]]) -> [[Int]] {
        var remaining = Set(waits.indices)
        var done = Set<Int>()
        while true {
            let free = remaining.filter { waits[$0].allSatisfy(done.contains) }
            if free.isEmpty { break }
            done.formUnion(free)
            remaining.subtract(free)
        }
        return waits.indices.map { index in
            remaining.contains(index) ? waits[index].filter { !remaining.contains($0) || $0 < index } : waits[index]
        }
    }
}
