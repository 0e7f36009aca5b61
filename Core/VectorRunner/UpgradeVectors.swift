import Deployments
import JSON
import Versioning

/// Comparison of two versions and the order of the steps between them.
struct UpgradeVectors {
    let rules: VectorRules
    /// Type names in the order of installing, as the file states it.
    let typeOrder: [String]
    var tally: VectorTally

    mutating func run(_ entry: JSONValue) async {
        let id = entry["id"]?.stringValue ?? "without id"
        let old: Deployment
        let new: Deployment
        do throws(DeploymentError) {
            old = try Self.read(entry["old_json"])
            new = try Self.read(entry["new_json"])
        } catch {
            return tally.fail(id, "decode", error)
        }
        let planned = await plan(from: old, to: new)
        let expected = Outcome(entry["plan"])
        let unjudged = rules.takeUnjudged()
        if expected == .refused(DeploymentError.Code.newInvalid.rawValue), planned.plan != nil, !unjudged.isEmpty {
            for type in unjudged { tally.skip("validity of the new version", because: "no plugin for type \(type)") }
            return
        }
        tally.check(id, "plan", expected: expected, got: planned.outcome)
        guard let plan = planned.plan else { return }
        tally.check(id, "operations", expected: Self.text(entry["ops"]), got: Self.text(plan.steps))
        tally.check(
            id, "execution", expected: Self.text(entry["execution"]), got: Self.text(plan.execution(order: order)))
        for member in entry["states_after"]?.objectValue?.members ?? [] {
            tally.check(
                id, "state of \(member.key)", expected: member.value.stringValue,
                got: plan.deployment.workload(named: member.key)?.result.state.rawValue)
        }
        if let engine = entry["engine"] {
            let got = DeploymentVectors.outcome { () throws(DeploymentError) in
                try plan.check { HistoricTypes.type(named: $0)?.isUpdatable ?? false }
            }
            tally.check(id, "engine", expected: Outcome(engine), got: got.outcome)
        }
    }

    private func plan(from old: Deployment, to new: Deployment) async -> (plan: UpdatePlan?, outcome: Outcome) {
        do throws(DeploymentError) {
            do throws(DeploymentError) {
                try await new.validate(with: rules, repeats: .lastCounts)
            } catch {
                throw UpdatePlan.refused(error)
            }
            return (try UpdatePlan(from: old, to: new), .ok)
        } catch {
            return (nil, .refused(error.wireClass))
        }
    }

    private func order(of type: String) -> Int {
        (typeOrder.firstIndex { $0.utf8.elementsEqual(type.utf8) } ?? typeOrder.count) + 1
    }

    private static func read(_ text: JSONValue?) throws(DeploymentError) -> Deployment {
        try Deployment(parsing: Array((text?.stringValue ?? "").utf8), policy: .reference)
    }

    private static func text(_ steps: [UpdateStep]) -> String {
        steps.map { "\($0.operation.rawValue) \($0.id.text) \($0.workload.type) \($0.workload.version)" }
            .joined(separator: ", ")
    }

    private static func text(_ steps: JSONValue?) -> String {
        (steps?.arrayValue ?? []).map { step in
            ["op", "workload_id", "type", "version"].map { step[$0]?.stringValue ?? step[$0]?.text ?? "" }
                .joined(separator: " ")
        }.joined(separator: ", ")
    }
}
