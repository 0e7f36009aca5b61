import JSON

/// What judges the data of a type beyond its decoding: on a node the plugins, elsewhere whatever knows the type.
public protocol TypeRules: Sendable {
    /// Whether deployments may have workloads of this type.
    func knows(_ type: String) -> Bool

    /// The type's own rule (docs/spec/deployment.md section 6).
    ///
    /// - Returns: nil if the workload is right, else the text for the user.
    /// - Throws: `.unavailable` if nothing can judge the type now.
    func refusal(of subject: TypeRuleSubject) async throws(DeploymentError) -> String?

    /// What a workload takes of the node: an object of `cru`, `mru`, `sru`, `hru`, `ipv4u`; nil if nobody knows.
    func capacity(of type: String, data: JSONValue) async throws(DeploymentError) -> JSONValue?
}

/// A workload that its type is to judge, with its surroundings.
public struct TypeRuleSubject: Sendable {
    public let deployment: Deployment
    /// The workload's place in the list.
    public let index: Int
    /// The normalised data of each workload, nil where it does not decode.
    public let data: [JSONValue?]

    public init(deployment: Deployment, index: Int, data: [JSONValue?]) {
        self.deployment = deployment
        self.index = index
        self.data = data
    }

    public var workload: Workload { deployment.workloads[index] }
}
