import JSON

/// A provisioner that serves RMB commands of its types.
public protocol Commanding: Provisioner {
    /// The names that it serves, as in the manifest.
    var commands: [String] { get }
    /// Answers one command; what it returns goes to the caller.
    func answer(_ command: Command<Data>, in context: Context) async throws -> JSONValue
}
