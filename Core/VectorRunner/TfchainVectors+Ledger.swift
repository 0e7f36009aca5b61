import Chain
import Contracts
import JSON
import Substrate

// The rules of acceptance and of the full comparison.
extension TfchainVectors {
    mutating func acceptance(_ entry: JSONValue, _ id: String, _ metadata: RuntimeMetadata) async throws {
        let (node, twin) = (try entry.uint32("node_id"), try entry.uint32("deployment_twin"))
        guard let hash = ContractHash(text: try entry.text("deployment_hash")) else { throw VectorError("no hash") }
        let unavailable = LedgerUnavailable(.unreachable, "the endpoint is down")
        var found = Result<Contract?, LedgerUnavailable>.success(nil)
        if try entry.text("lookup") == "unavailable" {
            found = .failure(unavailable)
        } else if let text = entry["contract"]?.stringValue {
            guard let bytes = HexText.decode(text),
                let tree = try metadata.storageValue("SmartContractModule", "Contracts", bytes)
            else { throw VectorError("the contract is none") }
            found = .success(try Contract(tree))
        }
        let contract = try found.get0()?.id ?? 1
        let verdict = AcceptanceChecks.verdict(
            on: contract, contract: found, rent: .success(nil), node: node, twin: twin, hash: hash,
            for: try entry.text("mode") == "reinstall" ? .reinstall : .deploy)
        let expected = entry["expect"] ?? .null
        let got: (decision: String, reason: String?) =
            switch verdict {
            case .accept(let accepted): (accepted.isPaused ? "accept_paused" : "accept", nil)
            case .reject(let failure), .rejectUnlessLate(let failure): ("reject", failure.code.rawValue)
            case .retry(let failure): ("retry", failure.code.rawValue)
            }
        tally.check(id, "decision", expected: expected["decision"]?.stringValue, got: got.decision)
        tally.check(id, "reason", expected: expected["reason"]?.stringValue, got: got.reason)
    }

    mutating func sync(_ entry: JSONValue, _ id: String) async {
        do {
            let local = try (entry["local"]?.arrayValue ?? []).map { deployment in
                ContractSynchronisation.Local(
                    twin: try deployment.uint32("twin"), contract: try deployment.number("contract"),
                    standing: deployment["paused"]?.boolValue == true ? .paused : .running)
            }
            let active = entry["active_on_chain"]?.arrayValue?.compactMap(\.uint64Value)
            var readings: [UInt64: ContractSynchronisation.Reading] = [:]
            for member in entry["contract_states"]?.objectValue?.members ?? [] {
                guard let contract = UInt64(member.key) else { continue }
                readings[contract] =
                    switch member.value.stringValue {
                    case "grace_period": .state(.gracePeriod(block: 1))
                    case "created": .state(.created)
                    default: .unavailable
                    }
            }
            let actions = ContractSynchronisation.actions(local: local, active: active, readings: readings)
            tally.check(
                id, "actions", expected: try (entry["actions"] ?? .null).canonicalText(),
                got: try JSONValue.array(actions.map(Self.json)).canonicalText())
        } catch {
            tally.fail(id, "sync", error)
        }
    }
}

extension Result {
    /// The value; nil for a failure.
    fileprivate func get0<Value>() throws -> Value? where Success == Value? {
        if case .success(let value) = self { value } else { nil }
    }
}
