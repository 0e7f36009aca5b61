/// A provisioner that looks after workloads which it has provisioned before in another way than by provisioning them anew.
public protocol Recovering: Provisioner {
    /// Called instead of `provision` for every workload that was provisioned, whenever its plugin starts: after a restart of
    /// plugin or node and after a reboot. `workload.result` and `workload.state` are what was answered before.
    ///
    /// The host has to match the data afterwards. `.present` says that it did, `.ready` that something was made again.
    func recover(_ workload: Workload<Data>, in context: Context) async throws -> Outcome<Result>
}
