import Deployments

extension DeploymentBuilder {
    /// Checks a description against the node's types and asks the node what it would do; without any effect.
    /// - Parameter contract: the deployment that would be updated; nil for a new one.
    public func plan(
        _ description: DeploymentDescription, updating contract: UInt64? = nil
    ) async throws(ClientError) -> PlannedDeployment {
        var deployment = description.deployment(twin: identity.twin)
        if let contract { deployment = try description.nextVersion(of: try await node.deployment(contract: contract)) }
        try await validate(deployment)
        return PlannedDeployment(
            deployment: deployment, challenge: try Self.challenge(deployment),
            publicIPs: try await publicIPs(description, deployment), steps: try await node.plan(deployment))
    }
}
