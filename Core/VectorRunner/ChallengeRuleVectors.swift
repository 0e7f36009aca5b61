import Deployments
import JSON
import Signatures

/// Loading of rules, declarations of packages, evaluation, and challenges of whole deployments.
struct ChallengeRuleVectors {
    var tally: VectorTally

    mutating func table(_ types: JSONValue?) {
        for member in types?.objectValue?.members ?? [] {
            let rule = HistoricTypes.rule(for: member.key)
            let digest = rule.map { Hex.encode(Sodium.sha256(Array($0.canonicalText.utf8))) }
            tally.check("type \(member.key)", "rule", expected: member.value["rule_sha256"]?.stringValue, got: digest)
            guard let text = member.value["rule_json"]?.stringValue else { continue }
            do throws(DeploymentError) {
                let stated = try ChallengeRule(parsing: Array(text.utf8))
                tally.check("type \(member.key)", "equal rule", expected: true, got: stated == rule)
            } catch {
                tally.fail("type \(member.key)", "rule", error)
            }
        }
    }

    mutating func run(_ entry: JSONValue) {
        let id = entry["id"]?.stringValue ?? "without id"
        let rule = entry["rule_json"]?.stringValue.map { Array($0.utf8) }
        switch entry["stage"]?.stringValue {
        case "install":
            check(entry, id) { () throws(DeploymentError) in try ChallengeRule(parsing: rule ?? []) }
        case "package":
            check(entry, id) { () throws(DeploymentError) in
                try ChallengeRule.forPackage(type: entry["type"]?.stringValue ?? "", declared: rule)
            }
        case "evaluate": evaluate(entry, id, rule)
        case "deployment": deployment(entry, id)
        case let stage: tally.check(id, "stage", expected: "to be known", got: stage)
        }
    }

    private mutating func check(_ entry: JSONValue, _ id: String, _ body: () throws(DeploymentError) -> ChallengeRule) {
        let got = Self.outcome(body)
        tally.check(id, "verdict", expected: Outcome(entry), got: got.outcome)
    }

    private mutating func evaluate(_ entry: JSONValue, _ id: String, _ text: [UInt8]?) {
        let got = Self.outcome { () throws(DeploymentError) in
            let rule =
                try text.map { text throws(DeploymentError) in try ChallengeRule(parsing: text) }
                ?? entry["type"]?.stringValue.flatMap(HistoricTypes.rule)
            guard let rule else { throw DeploymentError(.unknownType, "the case names no rule") }
            return (rule, try rule.evaluate(Self.data(entry), repeats: .lastCounts))
        }
        tally.check(id, "verdict", expected: Outcome(entry), got: got.outcome)
        guard let (rule, data) = got.value, entry["ok"]?.boolValue == true else { return }
        if rule.isCanonical {
            tally.check(id, "canonical text", expected: entry["canonical_hex"]?.stringValue, got: Hex.encode(data.part))
            return
        }
        tally.check(id, "data part", expected: entry["preimage_hex"]?.stringValue, got: Hex.encode(data.part))
        tally.check(id, "normalised text", expected: entry["normalised_json"]?.stringValue, got: data.text)
        if let former = entry["former_preimage_hex"] {
            tally.check(id, "former part", expected: former.stringValue, got: data.formerPart.map { Hex.encode($0) })
        }
    }

    private mutating func deployment(_ entry: JSONValue, _ id: String) {
        let text = Array((entry["deployment_json"]?.stringValue ?? "").utf8)
        let got = Self.outcome { () throws(DeploymentError) in
            try Deployment(parsing: text, policy: .reference).challenge(repeats: .lastCounts)
        }
        let expected = Outcome(entry)
        // On the bus both classes of data are one.
        let isSame = got.outcome == .refused("data-limit") && expected == .refused("data-decode")
        tally.check(id, "verdict", expected: expected, got: isSame ? expected : got.outcome)
        guard let challenge = got.value, expected.isOK else { return }
        tally.check(id, "form", expected: entry["form"]?.stringValue, got: challenge.form.rawValue)
        if let document = entry["document_json"]?.stringValue {
            tally.check(id, "document", expected: document, got: challenge.document)
        }
        tally.check(id, "preimage", expected: entry["preimage_hex"]?.stringValue, got: Hex.encode(challenge.preimage))
        tally.check(id, "hash", expected: entry["md5_hex"]?.stringValue, got: challenge.hex)
    }

    private static func data(_ entry: JSONValue) -> [UInt8] {
        if let text = entry["data_json"]?.stringValue { return Array(text.utf8) }
        // A case without readable data fails by its verdict.
        return entry["data_hex"]?.stringValue.flatMap { try? Hex.decode($0) } ?? []
    }

    // Unlike on the bus, the two classes of data count apart.
    private static func outcome<Value>(_ body: () throws(DeploymentError) -> Value) -> (value: Value?, outcome: Outcome)
    {
        do throws(DeploymentError) {
            return (try body(), .ok)
        } catch {
            return (nil, .refused(error.code.rawValue))
        }
    }
}
