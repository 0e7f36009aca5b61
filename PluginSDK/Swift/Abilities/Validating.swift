/// A provisioner that checks more than its schema can say, before anything is accepted.
public protocol Validating: Provisioner {
    /// Throws `PluginError.invalid` with the text for the user. Siblings are there, references are not.
    func validate(_ workload: Workload<Data>, in context: Context) async throws
}
