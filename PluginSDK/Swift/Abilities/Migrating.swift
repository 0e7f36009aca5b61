/// A provisioner that can turn state which an earlier version of it has kept into the form of this one.
///
/// The manifest names the versions in `state.migrates`.
public protocol Migrating: Provisioner {
    /// The state in the form of the manifest's `state.version`. Changes nothing on the host: the earlier version of the plugin still
    /// serves the workload, and goes on doing so if the upgrade is taken back.
    func migrate(_ workload: Workload<Data>, from state: VersionedState, in context: Context) async throws
        -> VersionedState
}
