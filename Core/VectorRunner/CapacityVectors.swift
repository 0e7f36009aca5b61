import Deployments
import JSON

/// What workloads take of a node. Only plugins know.
struct CapacityVectors {
    let rules: VectorRules
    var tally: VectorTally

    mutating func run(_ entry: JSONValue, index: Int) async {
        let id = entry["id"]?.stringValue ?? "case \(index)"
        let type = entry["type"]?.stringValue ?? ""
        guard let rule = HistoricTypes.rule(for: type) else {
            return tally.check(id, "type", expected: "to be known", got: type)
        }
        do throws(DeploymentError) {
            let data = try rule.evaluate(Array((entry["data_json"]?.stringValue ?? "").utf8), repeats: .lastCounts)
            await Self.check(entry["capacity"] ?? .null, of: type, data.value, id, rules, &tally)
        } catch {
            tally.fail(id, "data", error)
        }
    }

    static func check(
        _ expected: JSONValue, of type: String, _ data: JSONValue, _ id: String, _ rules: VectorRules,
        _ tally: inout VectorTally
    ) async {
        do throws(DeploymentError) {
            guard let got = try await rules.capacity(of: type, data: data) else {
                return tally.skip("capacity", because: "no plugin for type \(type)")
            }
            for member in expected.objectValue?.members ?? [] {
                let counter = got[member.key].flatMap { $0.isNull ? nil : $0.text } ?? "0"
                tally.check(id, "capacity \(member.key)", expected: member.value.text, got: counter)
            }
        } catch {
            tally.fail(id, "capacity", error)
        }
    }
}
