/// What has to be taken back if a provision fails half-way (docs/spec/workloads.md section 1.4).
///
///     try await Undo.onFailure { undo in
///         if try await context.namespaces.create(name) { undo.add { try await context.namespaces.delete(name) } }
///         …
///     }
public struct Undo {
    private var actions: [() async throws -> Void] = []

    /// Adds the removal of something that this call has created.
    public mutating func add(_ action: @escaping () async throws -> Void) { actions.append(action) }

    /// Runs `body`; if it throws, runs what it added, last first, all of it even if some of it fails. The error is
    /// the first one, with the failures of the undoing in its text.
    public static func onFailure<Value>(
        _ body: (inout Undo) async throws -> Value, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Value {
        var undo = Undo()
        do {
            return try await body(&undo)
        } catch {
            throw await undo.run(after: error)
        }
    }

    private func run(after error: any Error, isolation: isolated (any Actor)? = #isolation) async -> any Error {
        var left: [String] = []
        for action in actions.reversed() {
            do { try await action() } catch { left.append("\(error)") }
        }
        guard !left.isEmpty else { return error }
        let first = error as? PluginError ?? PluginError.failed("\(error)")
        return PluginError(
            first.status, code: first.code,
            message: "\(first.message) (and undoing it failed: \(left.joined(separator: "; ")))")
    }
}
