/// Tries whether a plugin keeps what every plugin promises, on a real node.
///
/// `docs/conformance.md` has the catalogue of cases for authors.
public struct ConformanceKit: Sendable {
    public let plugin: ConformancePlugin
    public let examples: [ConformanceExample]
    public let settings: ConformanceSettings

    public init(plugin: ConformancePlugin, examples: [ConformanceExample], settings: ConformanceSettings) {
        self.plugin = plugin
        self.examples = examples
        self.settings = settings
    }

    /// Every case, in the order in which they run.
    static let cases: [ConformanceCase] =
        contract + schema + idempotency + leaks + recovery + sandbox + upgrade

    /// Ids and promises of all cases.
    public static var catalogue: [(id: String, promise: String)] { cases.map { ($0.id, $0.promise) } }

    /// Runs the cases one after the other.
    ///
    /// - Parameter report: told of each result as soon as it is there.
    public func run(
        on node: any ConformanceNode, report: @Sendable (ConformanceResult) -> Void = { _ in }
    ) async -> ConformanceReport {
        let trial = ConformanceTrial(plugin: plugin, examples: examples, settings: settings, node: node)
        var results: [ConformanceResult] = []
        for candidate in Self.cases where settings.includes(candidate.id) {
            let result = await run(candidate, in: trial)
            results.append(result)
            report(result)
            // What a failed case left would be taken for the next one's.
            if result.hasFailed { await trial.cleanUp() }
        }
        return ConformanceReport(plugin: plugin.id, version: plugin.version, results: results)
    }

    private func run(_ candidate: ConformanceCase, in trial: ConformanceTrial) async -> ConformanceResult {
        let start = ContinuousClock.now
        var outcome = ConformanceResult.Outcome.passed
        do {
            try await candidate.body(trial)
        } catch let error as NotApplicable {
            outcome = .notApplicable(error.reason)
        } catch {
            outcome = .failed("\(error)")
        }
        return ConformanceResult(
            id: candidate.id, promise: candidate.promise, outcome: outcome, duration: ContinuousClock.now - start,
            notes: trial.takeNotes())
    }
}

/// One promise, and how it is judged.
struct ConformanceCase: Sendable {
    /// `group.name`.
    let id: String
    let promise: String
    let body: @Sendable (ConformanceTrial) async throws -> Void
}
