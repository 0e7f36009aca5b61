/// One of the types that the grid had before types became open (docs/spec/deployment.md section 5).
public struct HistoricType: Sendable {
    public let name: String
    /// Place in the order of installing, from 1 (section 10.4).
    public let order: Int
    /// Whether other deployments of the twin may refer to it by name.
    public let isSharable: Bool
    /// Whether the grid's nodes update it in place.
    public let isUpdatable: Bool
    /// Whether it has its own way to pause and resume.
    public let isPausable: Bool
    /// The member by which workloads of the type are sorted before they first run, largest first.
    public let largestFirst: String?
    public let rule: ChallengeRule
}
