import JSON

/// The formats of vector files, told apart by their content.
public enum VectorFormat: String, Sendable, CaseIterable {
    case deployments
    case upgrades
    case capacity
    case workloadIDs = "workload-ids"
    case rawSignatures = "raw-signatures"
    case formerHashes = "former-hashes"
    case challengeRules = "challenge-rules"
    case rmbDirect = "rmb-direct"
    case rmbRelay = "rmb-relay"
    case tfchain
    case jsonSchema = "json-schema"
    case canonicalJSON = "canonical-json"
    /// A format of a part that this version does not have, or none that is known.
    case other

    init(of value: JSONValue) {
        if let entries = value.arrayValue, !entries.isEmpty,
            entries.allSatisfy({ $0["schema"] != nil && $0["tests"]?.arrayValue != nil })
        {
            self = .jsonSchema
            return
        }
        let cases = value["cases"]?.arrayValue ?? []
        func some(_ members: String...) -> Bool {
            cases.contains { entry in members.allSatisfy { entry[$0] != nil } }
        }
        if some("stage") {
            self = .challengeRules
        } else if some("old_json", "new_json") {
            self = .upgrades
        } else if some("deployment_json", "current_md5_hex") {
            self = .formerHashes
        } else if some("deployment_json", "decode") {
            self = .deployments
        } else if some("data_json", "capacity") {
            self = .capacity
        } else if some("scheme", "signature_hex", "ok") {
            self = .rawSignatures
        } else if value["protocol"]?.stringValue?.hasPrefix("rmb-direct") == true {
            self = .rmbDirect
        } else if value["protocol"]?.stringValue?.hasPrefix("rmb-relay") == true {
            self = .rmbRelay
        } else if value["workload_ids"] != nil || value["networks"] != nil || value["names"] != nil {
            self = .workloadIDs
        } else if value["source"]?["metadata_sha256"] != nil
            || cases.contains(where: { TfchainVectors.kinds.contains($0["kind"]?.stringValue ?? "") })
        {
            self = .tfchain
        } else {
            self = .other
        }
    }
}
