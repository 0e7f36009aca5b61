import JSON
import Naming

extension Deployment {
    /// The structural check of docs/spec/deployment.md section 3 without the types' own rules, which only plugins know.
    ///
    /// - Parameters:
    ///   - repeats: what repeated members in data of historic types mean.
    ///   - knows: whether a type may be deployed.
    /// - Returns: the data of each workload as plugins and schemas see it.
    /// - Throws: the first fault in list order.
    public func checkedStructure(
        repeats: DecodingPolicy.Repeats = .refused, knows: (String) -> Bool
    ) throws(DeploymentError) -> [EvaluatedData] {
        var checker = StructureChecker(version: version, repeats: repeats)
        var data: [EvaluatedData] = []
        for workload in workloads { data.append(try checker.check(workload, knows: knows)) }
        return data
    }

    /// The whole structural check, each workload's own rule in its place. Throws the first fault in list order.
    public func validate(
        with rules: some TypeRules, repeats: DecodingPolicy.Repeats = .refused
    ) async throws(DeploymentError) {
        var checker = StructureChecker(version: version, repeats: repeats)
        var data: [JSONValue?]?
        for (index, workload) in workloads.enumerated() {
            _ = try checker.check(workload) { rules.knows($0) }
            // A rule may look at the other workloads, so all are decoded as soon as the first rule is asked.
            let all =
                data
                ?? workloads.map { workload in
                    // One that does not decode is reported when its turn comes.
                    try? workload.evaluated(repeats: repeats).value
                }
            data = all
            let subject = TypeRuleSubject(deployment: self, index: index, data: all)
            if let refusal = try await rules.refusal(of: subject) { throw DeploymentError(.dataInvalid, refusal) }
        }
    }
}

/// The checks of one workload that need no plugin, in their order.
private struct StructureChecker {
    let version: UInt32
    let repeats: DecodingPolicy.Repeats
    private var names: Set<[UInt8]> = []

    init(version: UInt32, repeats: DecodingPolicy.Repeats) {
        self.version = version
        self.repeats = repeats
    }

    mutating func check(_ workload: Workload, knows: (String) -> Bool) throws(DeploymentError) -> EvaluatedData {
        let name = workload.name
        guard workload.version <= version else {
            throw DeploymentError(
                .workloadVersionTooHigh,
                "workload '\(name)' version '\(workload.version)' cannot be higher than deployment version '\(version)'"
            )
        }
        do throws(NamingError) {
            _ = try WorkloadName(validating: name)
        } catch {
            throw DeploymentError(.badName, "name '\(name)' is invalid: \(error.message)")
        }
        guard names.insert(Array(name.utf8)).inserted else {
            throw DeploymentError(.duplicateName, "multiple workloads with the same name '\(name)'")
        }
        guard knows(workload.type) else { throw .unknownType(workload.type) }
        return try workload.evaluated(repeats: repeats)
    }
}
