import Deployments

/// What leads from the stored version of a deployment to a received one (docs/spec/deployment.md section 9).
///
/// The received version must have passed the structural check; `UpdatePlan.refused(_:)` says so if it has not.
public struct UpdatePlan: Sendable {
    /// Additions and updates in the order of the new list, then removals in the order of the old one.
    public let steps: [UpdateStep]
    /// The new version; workloads that were there before carry their stored results.
    public let deployment: Deployment

    /// Compares the versions. Throws `.identityChanged`, `.deploymentVersion`, `.newWorkloadVersion`, `.typeChanged`.
    public init(from old: Deployment, to new: Deployment) throws(DeploymentError) {
        guard new.twin == old.twin, new.contract == old.contract else {
            throw Self.error(.identityChanged, "cannot change deployment or twin id")
        }
        guard new.version == old.version &+ 1 else {
            throw Self.error(
                .deploymentVersion, "expecting deployment version \(old.version &+ 1), got \(new.version)")
        }
        var result = new
        var steps: [UpdateStep] = []
        for index in new.workloads.indices {
            let workload = new.workloads[index]
            guard let stored = old.workload(named: workload.name) else {
                guard workload.version == new.version else {
                    throw Self.error(
                        .newWorkloadVersion,
                        "invalid version number for workload '\(workload.name)' expected '\(new.version)'")
                }
                steps.append(UpdateStep(.add, workload, in: new))
                continue
            }
            guard stored.type.utf8.elementsEqual(workload.type.utf8) else {
                throw Self.error(.typeChanged, "cannot change workload type '\(workload.name)'")
            }
            result.workloads[index].result = stored.result
            if workload.version == new.version {
                steps.append(UpdateStep(.update, result.workloads[index], in: new))
            }
        }
        for stored in old.workloads where new.workload(named: stored.name) == nil {
            steps.append(UpdateStep(.remove, stored, in: old))
        }
        self.steps = steps
        deployment = result
    }

    /// Refuses updates of types that cannot be changed in place. Throws `.typeNotUpdatable`.
    public func check(isUpdatable: (String) -> Bool) throws(DeploymentError) {
        for step in steps where step.operation == .update && !isUpdatable(step.workload.type) {
            throw Self.error(.typeNotUpdatable, "workload '\(step.workload.type)' does not support upgrade")
        }
    }

    /// The steps in the order of running: removals in reverse type order, then everything else in type order, each in
    /// the order of its list. Steps go on after failures of others.
    ///
    /// - Parameter order: a type's place in the order of installing, at least 1.
    public func execution(order: (String) -> Int) -> [UpdateStep] {
        // Sorting must be stable, which `sort` does not promise.
        let keyed = steps.enumerated().map { index, step in
            (key: (step.operation == .remove ? -1 : 1) * order(step.workload.type), index: index, step: step)
        }
        return keyed.sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map(\.step)
    }

    /// The error of a received version that is not valid in itself; keeps whether trying again may help.
    public static func refused(_ cause: DeploymentError) -> DeploymentError {
        if cause.code == .unavailable { return cause }
        return error(.newInvalid, "new deployment is invalid: \(cause.message)")
    }

    private static func error(_ code: DeploymentError.Code, _ cause: String) -> DeploymentError {
        DeploymentError(code, "\(cause): upgrade validation error")
    }
}
