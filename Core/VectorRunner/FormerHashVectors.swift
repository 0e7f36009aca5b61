import Deployments
import JSON
import Signatures

/// Hashes of types that once covered fewer members under the same name.
struct FormerHashVectors {
    var tally: VectorTally

    mutating func run(_ entry: JSONValue) {
        let id = entry["id"]?.stringValue ?? "without id"
        do throws(DeploymentError) {
            let text = Array((entry["deployment_json"]?.stringValue ?? "").utf8)
            let deployment = try Deployment(parsing: text, policy: .reference)
            let current = try deployment.challenge(repeats: .lastCounts)
            tally.check(
                id, "current preimage", expected: entry["current_preimage_hex"]?.stringValue,
                got: Hex.encode(current.preimage))
            tally.check(id, "current hash", expected: entry["current_md5_hex"]?.stringValue, got: current.hex)
            guard let former = try deployment.formerChallenge(repeats: .lastCounts) else {
                for _ in 0..<2 {
                    tally.skip("former hash", because: "there is none for data with members that it would not cover")
                }
                return
            }
            tally.check(
                id, "former preimage", expected: entry["legacy_preimage_hex"]?.stringValue,
                got: Hex.encode(former.preimage))
            tally.check(id, "former hash", expected: entry["legacy_md5_hex"]?.stringValue, got: former.hex)
        } catch {
            tally.fail(id, "challenge", error)
        }
    }
}
