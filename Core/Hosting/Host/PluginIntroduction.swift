import JSON
import Logging

/// Tells a worker that has just started about the workloads of its types, before anybody else may ask it.
struct PluginIntroduction {
    let package: PluginPackage
    let session: WorkerSession
    let events: (any WorkloadEvents)?
    let registry: SubjectRegistry
    let log: Logger

    private var manifest: Manifest { package.manifest }
    private var types: [String] { package.types.map(\.declaration.name) }

    /// Migrates what is of an older form, then initialises.
    ///
    /// - Parameter trial: if it is on trial, a workload that it cannot read is the end of it.
    func run(trial: PluginTrial?) async throws {
        let isTrial = trial.map { !$0.isOver } ?? false
        let migration = StateMigration(manifest: manifest, ready: try await session.link.ready())
        let subjects = await events?.subjects(of: types) ?? []
        var handed: [Subject] = []
        for subject in subjects {
            registry.record(subject, of: manifest.id)
            do {
                let after = try await migration.apply(to: subject) { payload in
                    try await session.request(
                        .migrate, payload: payload, deadline: isTrial ? PluginHost.trialPatience : nil
                    ).0
                }
                if isTrial { trial?.record(subject, after) }
                handed.append(after)
            } catch {
                if isTrial { throw error }
                log.warning(
                    "state not migrated",
                    metadata: ["plugin": "\(manifest.id)", "workload": "\(subject.id)", "error": "\(error)"])
                handed.append(subject)
            }
        }
        try await session.initialize(handed, deadline: isTrial ? PluginHost.trialPreparation : nil)
    }

    /// Has the engine look at every workload again, if the plugin can recover: what its worker knew is gone.
    func checkWorkloads() async {
        let ready = try? await session.link.ready()  // The link has been ready before.
        if ready?.has(.recover) ?? false { await events?.recheck(types) }
    }
}

extension WorkerSession {
    /// Tells a plugin that has just started about its workloads; one that needs no preparation says that it does not know the operation.
    func initialize(_ subjects: [Subject], deadline: Duration?) async throws(HostingError) {
        let payload: JSONValue = ["workloads": .array(subjects.map(\.json))]
        let answer: Result<Void, HostingError>
        do throws(HostingError) {
            _ = try await request(.initialize, payload: payload, deadline: deadline)
            answer = .success(())
        } catch {
            answer = .failure(error)
        }
        if case .failure(let error) = answer, error.code == .unsupported { return }
        try answer.get()
    }
}
