/// What turns workloads of a type into things on the host, and takes them away again.
///
/// Further abilities are protocols of their own; the node learns which ones a provisioner has when the plugin is
/// loaded: `Initializing`, `Updating`, `Pausing`, `Validating`, `Measuring`, `Referencing`, `Commanding`,
/// `HealthChecking`, `CompanionWatching`.
///
/// Errors: `PluginError` goes to the user as it is, any other error as "failed" with its description.
public protocol Provisioner: Sendable {
    /// The data of a workload, as the type's schema describes it.
    associatedtype Data: Codable & Sendable
    /// What the user reads in the workload's result; `NoResult` if there is nothing to say.
    associatedtype Result: Codable & Sendable

    /// Makes the host match the workload. Called first, and again after a crash, a restart and at boot: look at what
    /// exists, and do what is missing. When it throws, it has removed what this call created (see `Undo`).
    func provision(_ workload: Workload<Data>, in context: Context) async throws -> Outcome<Result>

    /// Takes away whatever exists of the workload; what is already gone is no error.
    func deprovision(_ workload: Workload<Data>, in context: Context) async throws
}
