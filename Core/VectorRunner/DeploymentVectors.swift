import Deployments
import JSON
import Signatures

/// Decoding, writing back, validity, challenge, signatures and capacity of whole deployments.
struct DeploymentVectors {
    let rules: VectorRules
    let keys: VectorKeys
    var tally: VectorTally

    mutating func run(_ entry: JSONValue) async {
        let id = entry["id"]?.stringValue ?? "without id"
        let text = Array((entry["deployment_json"]?.stringValue ?? "").utf8)
        let mayRefuse = entry["may_refuse"]?.boolValue ?? false
        let decoded = Self.outcome { () throws(DeploymentError) in
            try Deployment(parsing: text, policy: .reference)
        }
        tally.check(id, "decode", expected: Outcome(entry["decode"]), got: decoded.outcome)
        guard let deployment = decoded.value else { return }
        if let written = entry["reencoded_json"]?.stringValue {
            tally.check(id, "re-encoding", expected: written, got: deployment.json)
        }
        let valid = await validity(of: deployment, entry["valid"], id, mayRefuse: mayRefuse)
        let verified = await signatures(of: deployment, entry, id, mayRefuse: mayRefuse)
        accept(entry, id, valid: valid, verified: verified, mayRefuse: mayRefuse)
        for (index, expected) in (entry["workloads"]?.arrayValue ?? []).enumerated() {
            await workload(expected, at: index, of: deployment, "\(id), workload \(index)")
        }
    }

    // Nil if only a plugin that is not here could tell.
    private mutating func validity(
        of deployment: Deployment, _ expected: JSONValue?, _ id: String, mayRefuse: Bool
    ) async -> Bool? {
        let expected = Outcome(expected)
        let got: Outcome
        do throws(DeploymentError) {
            try await deployment.validate(with: rules, repeats: .lastCounts)
            got = .ok
        } catch {
            got = .refused(error.wireClass)
        }
        let unjudged = rules.takeUnjudged()
        let needsRule = expected == .ok || expected == .refused(DeploymentError.Code.dataInvalid.rawValue)
        if !unjudged.isEmpty, needsRule, got.isOK || got != expected, got.isOK || !expected.isOK {
            for type in unjudged { tally.skip("validity", because: "no plugin for type \(type)") }
            return nil
        }
        tally.check(id, "validity", expected: expected, got: got, mayRefuse: mayRefuse)
        return got.isOK
    }

    private mutating func signatures(
        of deployment: Deployment, _ entry: JSONValue, _ id: String, mayRefuse: Bool
    ) async -> Bool {
        let challenge = Self.outcome { () throws(DeploymentError) in
            try deployment.challenge(repeats: .lastCounts, knows: { _ in false })
        }
        let expected = entry["challenge"]
        tally.check(id, "challenge", expected: Outcome(expected), got: challenge.outcome)
        var verified = challenge.outcome
        if let challenge = challenge.value {
            tally.check(
                id, "preimage", expected: expected?["preimage_hex"]?.stringValue, got: Hex.encode(challenge.preimage))
            tally.check(id, "hash", expected: expected?["md5_hex"]?.stringValue, got: challenge.hex)
            let requirement = deployment.signatureRequirement
            tally.check(
                id, "signed message", expected: expected?["signed_message_hex"]?.stringValue,
                got: Hex.encode(challenge.message(style: requirement.style)))
            do throws(SignatureError) {
                try await requirement.verify(owner: deployment.twin, hash: challenge.hash, keys: keys)
            } catch {
                verified = .refused(error.code.rawValue)
            }
        }
        tally.check(id, "signatures", expected: Outcome(entry["verify"]), got: verified, mayRefuse: mayRefuse)
        return verified.isOK
    }

    private mutating func accept(_ entry: JSONValue, _ id: String, valid: Bool?, verified: Bool, mayRefuse: Bool) {
        guard let expected = entry["accept"]?.boolValue else { return }
        guard let accepted = verified ? valid : false else {
            return tally.skip("acceptance", because: "validity is not known without the plugins")
        }
        tally.check(id, "acceptance", expected: mayRefuse && !accepted ? false : expected, got: accepted)
    }

    private mutating func workload(
        _ expected: JSONValue, at index: Int, of deployment: Deployment, _ id: String
    ) async {
        guard deployment.workloads.indices.contains(index) else {
            return tally.check(id, "workload", expected: "to be there", got: nil)
        }
        let workload = deployment.workloads[index]
        if let expected = expected["workload_id"]?.stringValue {
            let got = workload.id(twin: deployment.twin, contract: deployment.contract).text
            tally.check(id, "id", expected: expected, got: got)
        }
        let evaluated = Self.outcome { () throws(DeploymentError) in
            guard HistoricTypes.contains(workload.type) else { throw DeploymentError(.unknownType, workload.type) }
            return try workload.evaluated(repeats: .lastCounts)
        }
        if let expected = expected["data_error_class"] {
            return tally.check(
                id, "data", expected: Outcome(["ok": false, "class": expected]), got: evaluated.outcome)
        }
        tally.check(id, "data", expected: .ok, got: evaluated.outcome)
        guard let data = evaluated.value else { return }
        tally.check(
            id, "preimage part", expected: expected["preimage_hex"]?.stringValue,
            got: Hex.encode(workload.preimage(data.part)))
        if let written = expected["data_reencoded_json"]?.stringValue {
            tally.check(id, "re-encoded data", expected: written, got: data.text)
        }
        if let capacity = expected["capacity"] {
            await CapacityVectors.check(capacity, of: workload.type, data.value, id, rules, &tally)
        }
    }

    static func outcome<Value>(
        _ body: () throws(DeploymentError) -> Value
    ) -> (value: Value?, outcome: Outcome) {
        do throws(DeploymentError) {
            return (try body(), .ok)
        } catch {
            return (nil, .refused(error.wireClass))
        }
    }
}
