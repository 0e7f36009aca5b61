/// A workload that its plugin has provisioned.
public struct ProvisionedWorkload: Sendable {
    public let subject: Subject
    public let isPaused: Bool

    public init(subject: Subject, isPaused: Bool) {
        self.subject = subject
        self.isPaused = isPaused
    }
}
