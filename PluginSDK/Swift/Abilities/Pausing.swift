/// A provisioner whose workloads can be paused on the host.
public protocol Pausing: Provisioner {
    func pause(_ workload: Workload<Data>, in context: Context) async throws
    func resume(_ workload: Workload<Data>, in context: Context) async throws
}
