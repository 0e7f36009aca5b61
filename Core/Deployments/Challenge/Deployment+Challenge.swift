import JSON
import Signatures

extension Deployment {
    /// Computes what is signed. Throws `.unknownType`, `.dataDecode`, `.dataLimit` and, for the canonical form of a text
    /// that is not strict, `.json`.
    ///
    /// - Parameters:
    ///   - repeats: what repeated members in the data of historic types mean.
    ///   - knows: whether a type that is not historic counts as one of the new types; else there is no hash.
    public func challenge(
        repeats: DecodingPolicy.Repeats = .refused, knows: (String) -> Bool = { _ in true }
    ) throws(DeploymentError) -> Challenge {
        if let form = try canonicalChallenge(repeats: repeats, knows: knows) { return form }
        var parts: [[UInt8]] = []
        for workload in workloads { parts.append(try workload.evaluated(repeats: repeats).part) }
        return Challenge(.historic, preimage: preimage(parts))
    }

    /// The challenge in the form of an older generation of some type; nil if there is none (section 3.4 of
    /// docs/spec/challenge-rules.md). Whoever accepts it must use it for signatures and contract alike.
    public func formerChallenge(repeats: DecodingPolicy.Repeats = .refused) throws(DeploymentError) -> Challenge? {
        var parts: [[UInt8]] = []
        var isFormer = false
        for workload in workloads {
            guard let rule = HistoricTypes.rule(for: workload.type) else { return nil }
            let evaluated = try workload.evaluated(repeats: repeats)
            if rule.hasFormer {
                guard let former = evaluated.formerPart else { return nil }
                parts.append(former)
                isFormer = true
            } else {
                parts.append(evaluated.part)
            }
        }
        return isFormer ? Challenge(.former, preimage: preimage(parts)) : nil
    }

    private func preimage(_ parts: [[UInt8]]) -> [UInt8] {
        var writer = PreimageWriter()
        writer.number(version)
        writer.number(twin)
        writer.text(metadata)
        writer.text(description)
        writer.number(expiration)
        for (workload, part) in zip(workloads, parts) { writer.part(workload.preimage(part)) }
        for request in signatureRequirement.requests {
            writer.number(request.twin)
            writer.bool(request.isRequired)
            writer.number(request.weight)
        }
        writer.number(signatureRequirement.weightRequired)
        writer.text(signatureRequirement.style)
        return writer.bytes
    }
}

extension Workload {
    /// The rule of the workload's type.
    public var rule: ChallengeRule { HistoricTypes.rule(for: type) ?? .canonical }

    /// The data as plugins and schemas see it. Throws `.dataDecode` and `.dataLimit`, naming the workload.
    public func evaluated(repeats: DecodingPolicy.Repeats = .refused) throws(DeploymentError) -> EvaluatedData {
        try evaluated(by: rule, repeats: repeats)
    }

    func evaluated(
        by rule: ChallengeRule, repeats: DecodingPolicy.Repeats
    ) throws(DeploymentError) -> EvaluatedData {
        guard let data else { throw failure(.dataDecode, "data: is missing") }
        do throws(DeploymentError) {
            return try rule.evaluate(data.received, repeats: repeats)
        } catch {
            throw failure(error.code, error.message)
        }
    }

    /// The workload's piece of a historic preimage.
    public func preimage(_ dataPart: [UInt8]) -> [UInt8] {
        var writer = PreimageWriter()
        writer.number(version)
        writer.text(name)
        writer.text(type)
        writer.text(metadata)
        writer.text(description)
        writer.part(dataPart)
        return writer.bytes
    }

    private func failure(_ code: DeploymentError.Code, _ cause: String) -> DeploymentError {
        DeploymentError(code, "failed to load data of workload '\(name)' of type '\(type)': \(cause)")
    }
}
