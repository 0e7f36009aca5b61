/// A provisioner that can tell whether it is able to work.
public protocol HealthChecking: Provisioner {
    func health(in context: Context) async throws -> Health
}
