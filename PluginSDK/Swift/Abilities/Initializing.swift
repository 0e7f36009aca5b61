/// A provisioner that prepares the host before any workload is served.
public protocol Initializing: Provisioner {
    /// Called once per start of the plugin with every workload of its types that the node has stored; idempotent.
    func initialize(_ workloads: [Workload<Data>], in context: Context) async throws
}
