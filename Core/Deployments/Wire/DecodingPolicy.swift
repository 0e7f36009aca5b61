/// How a deployment's text is read.
public struct DecodingPolicy: Sendable, Hashable {
    /// What a repeated member means.
    public enum Repeats: Sendable {
        /// An error: two parsers could see two contents (docs/spec/deployment.md weakness 30).
        case refused
        /// As the grid's reference reads scalars; repeated objects and lists are an error all the same.
        case lastCounts
    }

    /// What becomes of the results in the text.
    public enum Results: Sendable {
        /// A client's word about results counts for nothing (docs/spec/deployment.md weakness 5).
        case dropped
        /// The text comes from a node.
        case kept
    }

    public var repeats: Repeats
    public var results: Results
    public var limits: DeploymentLimits

    public init(repeats: Repeats, results: Results, limits: DeploymentLimits = DeploymentLimits()) {
        self.repeats = repeats
        self.results = results
        self.limits = limits
    }

    /// A node reading what a client sent.
    public static let received = DecodingPolicy(repeats: .refused, results: .dropped)
    /// A client reading what a node answered, or a node its own store.
    public static let answered = DecodingPolicy(repeats: .refused, results: .kept)
    /// Everything that the grid's reference accepts.
    public static let reference = DecodingPolicy(repeats: .lastCounts, results: .kept)
}
