import JSON
import Logging

/// Changing what runs while it runs. One change at a time; the caller sees to that.
extension PluginHost {
    /// How long a version on trial may take for one answer: whoever waits longer is taken for hung.
    static let trialPatience = Duration.seconds(2)
    /// How long a version on trial may take to prepare the host.
    static let trialPreparation = Duration.seconds(10)
    /// How long new questions wait for those that the old version is working on. What takes longer ends on the old one.
    static let switchPatience = Duration.seconds(1)

    /// The manifest of the version that serves, if the plugin runs.
    public func manifest(of id: String) -> Manifest? { plugin(named: id)?.package.manifest }

    /// Digest of the package that serves.
    public func digest(of id: String) -> String? { plugin(named: id)?.package.digestText }

    /// Whether the worker of the version that serves is ready.
    public func isReady(_ id: String) -> Bool { plugin(named: id)?.worker.status.name == "ready" }

    /// - Throws: `typeConflict` if the package, or another plugin because of it, would be left out.
    public func checkConflicts(of package: PluginPackage) throws(HostingError) {
        let (others, trust, refused) = state.withLock { state in
            (
                state.packages.values.map(\.package).filter { $0.manifest.id != package.manifest.id }, state.trust,
                Set(state.catalog.refusals.map(\.plugin))
            )
        }
        let catalog = TypeCatalog(others + [package], trust: trust, reservedCommands: reservedCommands)
        for refusal in catalog.refusals
        where refusal.plugin == package.manifest.id || !refused.contains(refusal.plugin) { throw refusal.reason }
    }

    /// Starts a version beside the one that serves, if one does: states of workloads are migrated, then it is initialised, then it
    /// recovers every workload that is provisioned. `check` tells how that went, `adopt` makes it the one that serves, `abandon` ends it.
    public func tryOut(_ runnable: RunnablePlugin) -> PluginTrial {
        var plan = runnable.plan
        plan.slot = plugin(named: runnable.id)?.worker.plan.slot == "" ? "next" : ""
        let runnable = RunnablePlugin(package: runnable.package, plan: plan, services: runnable.services)
        let trial = PluginTrial(runnable)
        let plugin = host(runnable, on: trial)
        state.withLock { $0.trials[runnable.id] = plugin }
        return trial
    }

    /// - Throws: why it does not come up.
    public func start(_ trial: PluginTrial) async throws {
        let plugin = try running(trial)
        try await plugin.worker.start()
        guard plugin.worker.status.ready?.has(.recover) ?? false else { return }
        for workload in await workloads(of: plugin) { try await recover(workload, trial, plugin) }
    }

    /// - Throws: what is wrong with it: it has ended, or does not call itself healthy.
    public func check(_ trial: PluginTrial) async throws {
        let plugin = try running(trial)
        let status = plugin.worker.status
        if case .failed(let failure, _) = status.state { throw failure.requestError }
        guard status.name == "ready", status.restarts == 0 else {
            throw HostingError(.notRunning, "\(name(trial)) has ended by itself")
        }
        guard status.ready?.has(.health) ?? false else { return }
        let (reply, _) = try await plugin.worker.request(.health, payload: [:], deadline: Self.trialPatience)
        guard reply["healthy"]?.boolValue == true else {
            let reason = PlainText.line(reply["message"]?.stringValue ?? "")
            throw HostingError(
                .operationFailed, "\(name(trial)) says that it is not healthy" + (reason.isEmpty ? "" : ": \(reason)"))
        }
    }

    /// Makes the version on trial the one that serves.
    ///
    /// New questions wait, open ones may finish; what has changed since the trial began is shown to the new version; then `commit` makes the
    /// states durable. If anything before its return fails, the old version goes on.
    public func adopt(
        _ trial: PluginTrial, commit: (_ states: [String: JSONValue]) async throws -> Void
    ) async throws {
        let plugin = try running(trial)
        let door = door(named: plugin.id)
        door?.hold()
        defer { door?.release() }
        await door?.current.becomeIdle(within: Self.switchPatience)
        try await catchUp(trial, plugin)
        try await check(trial)
        try await commit(trial.migrated)
        trial.end()
        let old = door?.current
        door?.replace(with: plugin)
        state.withLock { state in
            if door == nil { state.doors[plugin.id] = PluginDoor(plugin) }
            state.trials[plugin.id] = nil
            state.refused[plugin.id] = nil
            state.packages[plugin.id] = trial.runnable
        }
        rebuildCatalog()
        if let old { retirements.yield(old) }
    }

    /// Ends a version on trial; the one that serves has not noticed.
    public func abandon(_ trial: PluginTrial) async {
        let plugin = state.withLock { $0.trials.removeValue(forKey: trial.runnable.id) }
        await plugin?.worker.abort()
    }

    /// Takes a plugin and its types out of service and ends its worker. Workloads and their companions go on.
    ///
    /// - Parameter reason: keeps it in the reports as refused; nil forgets it.
    public func withdraw(_ id: String, because reason: String?) async {
        let (door, package) = state.withLock { state in
            (state.doors.removeValue(forKey: id), state.packages.removeValue(forKey: id))
        }
        if let reason, let manifest = package?.package.manifest {
            let report = PluginReport(
                id: id, version: manifest.version.text, types: manifest.types.map(\.name), state: "refused",
                reason: reason, nextAttempt: nil, restarts: 0)
            state.withLock { $0.refused[id] = report }
        } else {
            state.withLock { $0.refused[id] = nil }
        }
        rebuildCatalog()
        metricReader.forget(id)
        await startAccepted()
        guard let plugin = door?.current else { return }
        await plugin.becomeIdle(within: Self.switchPatience)
        await plugin.worker.stop(grace: .seconds(3))
    }

    /// Puts back what was withdrawn.
    public func restore(_ runnable: RunnablePlugin) async {
        let plugin = host(runnable, on: nil)
        state.withLock { state in
            state.packages[runnable.id] = runnable
            state.doors[runnable.id] = PluginDoor(plugin)
            state.refused[runnable.id] = nil
        }
        rebuildCatalog()
        await start(plugin)
    }

    /// What runs of a plugin, to put it back later.
    public func runnable(_ id: String) -> RunnablePlugin? { state.withLock { $0.packages[id] } }

    /// The policy that decides between plugins that claim the same from now on.
    public func use(_ trust: TrustPolicy) {
        state.withLock { $0.trust = trust }
        rebuildCatalog()
    }

    /// Starts what a rival has kept out of the catalogue until now.
    private func startAccepted() async {
        let waiting = state.withLock { state in
            state.catalog.plugins.filter { state.doors[$0] == nil }.compactMap { state.packages[$0] }
        }
        for runnable in waiting {
            let plugin = host(runnable, on: nil)
            state.withLock { $0.doors[runnable.id] = PluginDoor(plugin) }
            await start(plugin)
        }
    }

    // MARK: steps of a trial

    private func name(_ trial: PluginTrial) -> String {
        "\(trial.runnable.id) \(trial.runnable.package.manifest.version)"
    }

    private func running(_ trial: PluginTrial) throws(HostingError) -> HostedPlugin {
        guard let plugin = state.withLock({ $0.trials[trial.runnable.id] }),
            plugin.package.digest == trial.runnable.package.digest
        else { throw HostingError(.notRunning, "\(name(trial)) is not on trial") }
        return plugin
    }

    private func workloads(of plugin: HostedPlugin) async -> [ProvisionedWorkload] {
        await holder.events?.provisioned(of: plugin.typeNames) ?? []
    }

    /// Has the version look after a workload that the other one made. The answer's state is what will be kept.
    private func recover(_ workload: ProvisionedWorkload, _ trial: PluginTrial, _ plugin: HostedPlugin) async throws {
        var after = trial.found[workload.subject.id]?.after ?? workload.subject
        let operation: PluginOperation = plugin.worker.status.ready?.has(.recover) ?? false ? .recover : .provision
        let (reply, _) = try await plugin.worker.request(
            operation, payload: ["subject": after.json, "paused": .bool(workload.isPaused)])
        let declaration = plugin.package.manifest.types.first { $0.name.utf8.elementsEqual(after.type.utf8) }
        let outcome = try HostOutcome(reply: reply, exporting: declaration?.exports ?? [])
        if let state = outcome.state { after.state = state }
        trial.record(workload.subject, after)
    }

    /// Shows the version what was made, changed and removed since it was initialised.
    private func catchUp(_ trial: PluginTrial, _ plugin: HostedPlugin) async throws {
        let migration = StateMigration(manifest: plugin.package.manifest, ready: plugin.worker.status.ready)
        let subjects = await holder.events?.subjects(of: plugin.typeNames) ?? []
        let provisioned = await workloads(of: plugin)
        for subject in subjects where trial.found[subject.id]?.before.isSame(as: subject) != true {
            registry.record(subject, of: plugin.id)
            let after = try await migration.apply(to: subject) { payload in
                try await plugin.worker.request(.migrate, payload: payload, deadline: Self.trialPatience).0
            }
            trial.record(subject, after)
            guard let workload = provisioned.first(where: { $0.subject.id == subject.id }) else { continue }
            try await recover(workload, trial, plugin)
        }
        let left = Set(subjects.map(\.id))
        for (id, found) in trial.found where !left.contains(id) {
            trial.forget(id)
            do {
                _ = try await plugin.worker.request(.deprovision, payload: ["subject": found.after.json])
            } catch {
                log.info("new version not told of a removal", metadata: ["workload": "\(id)", "error": "\(error)"])
            }
        }
    }
}

extension Subject {
    /// Whether nothing that its plugin has made or is to make of it differs.
    fileprivate func isSame(as other: Subject) -> Bool {
        data == other.data && result == other.result && state == other.state && version == other.version
    }
}
