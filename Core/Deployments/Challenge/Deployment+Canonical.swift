import JSON
import Signatures

extension Deployment {
    /// The challenge of docs/spec/challenge-rules.md section 4; nil if all types are historic.
    func canonicalChallenge(
        repeats: DecodingPolicy.Repeats, knows: (String) -> Bool
    ) throws(DeploymentError) -> Challenge? {
        guard !workloads.allSatisfy({ HistoricTypes.contains($0.type) }) else { return nil }
        var data: [JSONValue] = []
        for workload in workloads {
            let isHistoric = HistoricTypes.contains(workload.type)
            guard isHistoric || knows(workload.type) else { throw .unknownType(workload.type) }
            // Historic data must decode by its own rule as well, although it is hashed as sent.
            if isHistoric { _ = try workload.evaluated(repeats: repeats) }
            data.append(try workload.evaluated(by: .canonical, repeats: repeats).value)
        }
        if let envelopeFault { throw DeploymentError(.json, "outside of data: \(envelopeFault)") }
        let document: String
        do throws(JSONError) {
            document = try canonicalDocument(data).canonicalText()
        } catch {
            throw DeploymentError(.json, error.description)
        }
        let digest = Hex.encode(Sodium.sha256(Array(document.utf8)))
        return Challenge(.canonical, preimage: Array("canonical-1:\(digest)".utf8), document: document)
    }

    // Integers are texts: canonical JSON has no 64-bit numbers.
    private func canonicalDocument(_ data: [JSONValue]) -> JSONValue {
        let requirement = signatureRequirement
        return [
            "version": .string(String(version)), "twin_id": .string(String(twin)), "metadata": .string(metadata),
            "description": .string(description), "expiration": .string(String(expiration)),
            "workloads": .array(
                zip(workloads, data).map { workload, data in
                    [
                        "version": .string(String(workload.version)), "name": .string(workload.name),
                        "type": .string(workload.type), "metadata": .string(workload.metadata),
                        "description": .string(workload.description), "data": data,
                    ]
                }),
            "signature_requirement": [
                "requests": .array(
                    requirement.requests.map { request in
                        [
                            "twin_id": .string(String(request.twin)), "required": .bool(request.isRequired),
                            "weight": .string(String(request.weight)),
                        ]
                    }),
                "weight_required": .string(String(requirement.weightRequired)),
                "signature_style": .string(requirement.style),
            ],
        ]
    }
}

extension DeploymentError {
    static func unknownType(_ type: String) -> DeploymentError {
        DeploymentError(.unknownType, "invalid reservation type '\(type)'")
    }
}
