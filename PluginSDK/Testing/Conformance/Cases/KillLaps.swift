import JSON

/// Lives of a deployment with a kill in each operation, at another point each time: provision, update, pause, resume, deprovision.
///
/// The first life counts the points of each operation, the following ones are killed. After each, the host must be as it was.
struct KillLaps: Sendable {
    let trial: ConformanceTrial
    let victim: String
    /// Kills the victim and lets things go on.
    let kill: @Sendable () async throws -> Void

    init(trial: ConformanceTrial, victim: String, kill: @escaping @Sendable () async throws -> Void) {
        self.trial = trial
        self.victim = victim
        self.kill = kill
    }

    func run() async throws {
        // A small trial leaves the further examples out.
        for example in trial.examples.prefix(trial.settings.points == nil ? .max : 1) { try await run(example) }
    }

    private func run(_ example: ConformanceExample) async throws {
        let before = try await trial.node.traces()
        var counted: [Operation: [String]] = [:]
        try await life(of: example) { operation, start in
            try await trial.node.watch(holdAt: nil)
            try await start()
            try await end(of: operation)
            counted[operation] = try await trial.node.points().passed
        }
        try await trial.expectTraces(before)
        let plan = counted.mapValues { Self.spread(over: $0.count, atMost: trial.settings.points) }
        var tried: [Operation: Int] = [:]
        for lap in 0..<(plan.values.map(\.count).max() ?? 0) {
            var place = "lap \(lap + 1) of '\(example.name)'"
            do {
                try await life(of: example) { operation, start in
                    guard let target = plan[operation].flatMap({ $0.indices.contains(lap) ? $0[lap] : nil }) else {
                        return try await start()
                    }
                    let name =
                        counted[operation].flatMap { $0.indices.contains(target - 1) ? $0[target - 1] : nil } ?? ""
                    place = "\(operation), the \(victim) killed at point \(target), '\(name)'"
                    try await trial.node.watch(holdAt: target)
                    try await start()
                    if try await isHeld(at: operation) {
                        tried[operation, default: 0] += 1
                        try await kill()
                    }
                }
                place += "; after the removal"
                try await trial.expectTraces(before)
            } catch {
                throw ConformanceFailure("'\(example.name)': \(place): \(error)")
            }
        }
        for operation in Operation.allCases {
            guard let points = counted[operation] else { continue }
            trial.note(
                "\(operation) of '\(example.name)': killed at \(tried[operation] ?? 0) of \(points.count) points")
        }
    }

    enum Operation: String, CaseIterable, CustomStringConvertible {
        case provision, update, pause, resume, deprovision
        var description: String { rawValue }
    }

    /// Takes a deployment through all operations that its type has. `perform` starts each one and may kill; what follows waits for its end.
    private func life(
        of example: ConformanceExample,
        _ perform: (Operation, _ start: () async throws -> Void) async throws -> Void
    ) async throws {
        var deployed: ConformanceTrial.Deployed?
        try await perform(.provision) { deployed = try await trial.accept(example) }
        guard let deployed else { throw ConformanceFailure("nothing was deployed") }
        let first = try await trial.settled(deployed, "ok")
        if let change = example.updates.first {
            try await perform(.update) {
                try await trial.node.update(
                    deployed.contract, to: trial.workloads(example, deployed.n, with: change), as: deployed.user)
            }
            _ = try await trial.settled(deployed, "ok", version: 1)
        }
        if example.workloads.contains(where: { trial.plugin.isPausable($0["type"]?.stringValue ?? "") }) {
            try await perform(.pause) { try await trial.node.pause(deployed.contract) }
            _ = try await trial.settled(deployed, "paused")
            try await perform(.resume) { try await trial.node.resume(deployed.contract) }
            let after = try await trial.settled(deployed, "ok")
            if example.updates.isEmpty { try trial.expectSame(first, after, "pause and resume") }
        }
        try await perform(.deprovision) { try await trial.node.cancel(deployed.contract, as: deployed.user) }
        try await trial.removed(deployed)
    }

    /// Waits until an operation was stored for the last workload of the plugin that it concerns.
    private func end(of operation: Operation) async throws {
        var calm = 0
        var last = -1
        _ = try await trial.eventually("\(operation) ends") { () async throws -> Bool? in
            let passed = try await trial.node.points().passed
            calm = passed.count == last && passed.last == "\(operation) stored" ? calm + 1 : 0
            last = passed.count
            return calm >= 3 ? true : nil
        }
    }

    /// Whether the operation came to the chosen point; false if it ended without it.
    private func isHeld(at operation: Operation) async throws -> Bool {
        var looks = 0
        return try await trial.eventually("\(operation) comes to the chosen point") { () async throws -> Bool? in
            let points = try await trial.node.points()
            if points.held != nil { return true }
            looks = points.passed.last == "\(operation) stored" ? looks + 1 : 0
            return looks > 25 ? false : nil
        }
    }

    /// Numbers from 1 to `count`, the middle of as many equal parts as points are wanted.
    static func spread(over count: Int, atMost most: Int?) -> [Int] {
        guard let most, count > most else { return count > 0 ? Array(1...count) : [] }
        return (0..<max(most, 0)).map { 1 + (2 * $0 + 1) * count / (2 * most) }
    }
}
