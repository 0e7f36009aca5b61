import JSON
import Signatures

extension Deployment {
    /// Reads a text by the grid's rules (docs/spec/deployment.md section 2.1). Throws `.json` and `.limit`.
    public init(parsing text: [UInt8], policy: DecodingPolicy) throws(DeploymentError) {
        let limits = policy.limits
        let whole = try GridRecord.json { () throws(JSONError) in
            try JSONText(
                text, mode: .lenient, limits: JSONLimits(maxBytes: limits.text, maxDepth: limits.depth))
        }
        let record = try GridRecord(whole, path: "deployment", policy: policy)
        version = try record.unsigned("version")
        twin = try record.unsigned("twin_id")
        contract = try record.unsigned("contract_id")
        metadata = try record.text("metadata", limit: limits.freeText)
        description = try record.text("description", limit: limits.freeText)
        expiration = try record.time("expiration")
        var unset: UnsetLists = [.workloads, .requests, .signatures]
        signatureRequirement =
            try record.record("signature_requirement").map { record throws(DeploymentError) in
                try SignatureRequirement(record, unset: &unset, limits: limits)
            } ?? SignatureRequirement()
        workloads = []
        var data: [Range<Int>] = []
        if let records = try record.list("workloads", limit: limits.workloads) {
            unset.remove(.workloads)
            for record in records {
                workloads.append(try Workload(record, policy: policy))
                if let place = try record.part("data")?.place { data.append(place) }
            }
        }
        unsetLists = unset
        // Only the canonical form asks for strictness, and it is another pass over the text.
        let isHistoric = workloads.allSatisfy { HistoricTypes.contains($0.type) }
        envelopeFault = isHistoric ? nil : StrictEnvelope.fault(in: text, without: data, limits: limits)
    }

    /// The grid's form, byte for byte (docs/spec/deployment.md section 2.2).
    public var json: String {
        var writer = GridWriter()
        writer.number("version", version)
        writer.number("twin_id", twin)
        writer.number("contract_id", contract)
        writer.text("metadata", metadata)
        writer.text("description", description)
        writer.number("expiration", expiration)
        writer.raw("signature_requirement", signatureRequirement.json(unset: unsetLists))
        writer.list("workloads", workloads.map(\.json), isUnset: unsetLists.contains(.workloads))
        return writer.json
    }
}
