import JSON

/// Asks one worker about its health.
struct HealthProbe: Sendable {
    let session: WorkerSession
    let policy: HealthPolicy

    /// - Parameter failures: bad answers in a row before this one.
    func ask(after failures: Int) async -> PluginHealth {
        let trouble: String
        do {
            let (reply, _) = try await session.request(.health, payload: [:], deadline: policy.deadline)
            guard reply["healthy"]?.boolValue != true else {
                return PluginHealth(isHealthy: true, message: "", failures: 0)
            }
            trouble = reply["message"]?.stringValue.map { PlainText.line($0) } ?? "it gave no reason"
        } catch {
            trouble = error.message
        }
        return PluginHealth(isHealthy: false, message: trouble, failures: failures + 1)
    }
}
