/// A provisioner that can change a workload in place.
public protocol Updating: Provisioner {
    /// Brings the host from `previous` to the workload's data. If the old thing still works, the answer to a change
    /// that cannot be made is `.unchanged`, never an error.
    func update(_ workload: Workload<Data>, from previous: Data, in context: Context) async throws -> Outcome<Result>
}
