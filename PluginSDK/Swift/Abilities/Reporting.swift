/// A provisioner that reports figures about itself, which the node shows with its own (docs/metrics.md).
///
/// Asked when somebody collects; answer from what is at hand, within 2 seconds.
public protocol Reporting: Provisioner {
    func metrics(in context: Context) async throws -> [Metric]
}
