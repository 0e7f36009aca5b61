import JSON

/// Brings what was kept for a workload into the form of the version of the plugin that is about to see it.
struct StateMigration: Sendable {
    let manifest: Manifest
    let ready: WorkerReady?

    /// Whether the plugin has to be asked.
    func concerns(_ subject: Subject) -> Bool {
        guard let version = subject.state["version"]?.uint64Value else { return false }
        return version != UInt64(manifest.state.version) && ready?.has(.migrate) ?? false
    }

    /// The subject as this version can read it. `ask` asks the plugin to migrate.
    ///
    /// - Throws: what the plugin answers; `protocolViolation` if that is no state of its own form.
    func apply(
        to subject: Subject, _ ask: (JSONValue) async throws -> JSONValue
    ) async throws -> Subject {
        guard concerns(subject) else { return subject }
        let reply = try await ask(["subject": subject.json])
        guard let state = reply["state"],
            let version = state["version"]?.uint64Value.flatMap(UInt32.init(exactly:)), manifest.state.reads(version)
        else {
            throw HostingError(
                .protocolViolation,
                "\(manifest.id) \(manifest.version) has turned the state of \(subject.id) into none that it could read")
        }
        var migrated = subject
        migrated.state = state
        return migrated
    }
}
