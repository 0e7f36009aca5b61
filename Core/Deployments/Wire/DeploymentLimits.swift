/// Bounds that the grid does not state; generous, against absurd input (docs/spec/deployment.md weakness 32).
public struct DeploymentLimits: Sendable, Hashable {
    /// Bytes of a deployment's text.
    public var text: Int
    /// Objects and arrays inside each other in a deployment's text, the root counting 1.
    public var depth: Int
    public var workloads: Int
    /// Bytes of each metadata and description.
    public var freeText: Int
    /// Bytes of each name, type, signature, style and state.
    public var shortText: Int
    /// Entries of each list of the signature requirement.
    public var signers: Int

    public init(
        text: Int = 8 << 20, depth: Int = 256, workloads: Int = 1024, freeText: Int = 1 << 20, shortText: Int = 4096,
        signers: Int = 1024
    ) {
        self.text = text
        self.depth = depth
        self.workloads = workloads
        self.freeText = freeText
        self.shortText = shortText
        self.signers = signers
    }
}
