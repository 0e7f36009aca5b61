import Deployments
import Naming

/// One thing that an update does.
public struct UpdateStep: Sendable, Hashable {
    public enum Operation: String, Sendable { case add, update, remove }

    public let operation: Operation
    /// For removals the stored workload, else the received one with the result carried over.
    public let workload: Workload
    public let id: WorkloadID

    public init(_ operation: Operation, _ workload: Workload, in deployment: Deployment) {
        self.operation = operation
        self.workload = workload
        id = workload.id(twin: deployment.twin, contract: deployment.contract)
    }
}
