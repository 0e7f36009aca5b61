import Signatures

extension SignatureRequirement {
    init(_ record: GridRecord, unset: inout UnsetLists, limits: DeploymentLimits) throws(DeploymentError) {
        self.init()
        if let requests = try record.list("requests", limit: limits.signers) {
            unset.remove(.requests)
            for request in requests {
                self.requests.append(
                    SignatureRequest(
                        twin: try request.unsigned("twin_id"), isRequired: try request.bool("required"),
                        weight: try request.unsigned("weight")))
            }
        }
        weightRequired = try record.unsigned("weight_required")
        if let signatures = try record.list("signatures", limit: limits.signers) {
            unset.remove(.signatures)
            for signature in signatures {
                self.signatures.append(
                    TwinSignature(
                        twin: try signature.unsigned("twin_id"),
                        signature: try signature.text("signature", limit: limits.shortText),
                        type: try signature.text("signature_type", limit: limits.shortText)))
            }
        }
        style = try record.text("signature_style", limit: limits.shortText)
    }

    func json(unset: UnsetLists) -> String {
        var writer = GridWriter()
        writer.list("requests", requests.map(\.json), isUnset: unset.contains(.requests))
        writer.number("weight_required", weightRequired)
        writer.list("signatures", signatures.map(\.json), isUnset: unset.contains(.signatures))
        writer.text("signature_style", style)
        return writer.json
    }
}

extension SignatureRequest {
    fileprivate var json: String {
        var writer = GridWriter()
        writer.number("twin_id", twin)
        writer.bool("required", isRequired)
        writer.number("weight", weight)
        return writer.json
    }
}

extension TwinSignature {
    fileprivate var json: String {
        var writer = GridWriter()
        writer.number("twin_id", twin)
        writer.text("signature", signature)
        writer.text("signature_type", type)
        return writer.json
    }
}
