import Deployments
import JSON

/// The outcome of a dry run.
public struct PlannedDeployment: Sendable {
    /// As it would be sent, unsigned.
    public let deployment: Deployment
    /// What the contract would carry.
    public let challenge: Challenge
    /// Public IPv4 addresses that the contract would reserve.
    public let publicIPs: UInt32
    /// What the node would do, per workload; nil if it cannot say.
    public let steps: JSONValue?
}
