import Hosting
import JSON
import Provisioning

extension PluginChanges {
    /// What an operator says about an install.
    struct Wishes: Sendable {
        var allowsDowngrade = false
        /// How long the new version is watched before it serves.
        var canary = Duration.seconds(2)
    }

    /// Installs the package in a folder: beside the version that runs, if one does, which goes on until the new one has proved itself.
    ///
    /// - Throws: why it is refused, with nothing changed; or the code `rolled_back`, with what was wrong with the new version.
    func install(_ folder: String, _ wishes: Wishes) async throws -> JSONValue {
        try await exclusively {
            let trust = try await trust()
            let packages = packages
            let package = try await OwnThread.run {
                try packages.examine(
                    folder: folder, trust: trust, downgrade: wishes.allowsDowngrade ? .allow : .refuse)
            }
            let id = package.manifest.id
            if host.digest(of: id) == package.digestText && host.isReady(id) {
                return ["id": .string(id), "version": .string(package.manifest.version.text), "outcome": "unchanged"]
            }
            host.use(trust)
            try await check(package)
            let before = packages.installed().first { $0.id == id }
            let change = try await begin(
                PluginChange(
                    plugin: id, kind: try kind(of: package, before), from: before?.version,
                    to: package.manifest.version.text, digest: package.digestText))
            return try await carryOut(change, package, wishes)
        }
    }

    private func kind(
        of package: PluginPackage, _ before: PackageStore.Installed?
    ) throws(HostingError) -> PluginChange.Kind {
        guard let before else { return .install }
        return package.manifest.version < (try SemanticVersion(parsing: before.version)) ? .downgrade : .upgrade
    }

    /// What can be said without starting it.
    private func check(_ package: PluginPackage) async throws {
        let manifest = package.manifest
        try host.checkConflicts(of: package)
        let types = package.types.map(\.declaration.name)
        let dropped = host.manifest(of: manifest.id)?.types.map(\.name).filter { !types.contains($0) } ?? []
        try await refuseLive(
            dropped, "\(manifest.id) \(manifest.version) does not serve all types of the version before")
        for (version, example) in await engine.stateVersions(of: types) where !manifest.state.reads(version) {
            let known = ([manifest.state.version] + manifest.state.migrates).sorted().map { "\($0)" }
            throw HostingError(
                .downgrade,
                "\(manifest.id) \(manifest.version) cannot read states of version \(version), such as that of \(example); "
                    + "it reads \(known.joined(separator: ", "))",
                hint: "install a version whose manifest names \(version) in state.migrates")
        }
    }

    private func carryOut(
        _ change: PluginChange, _ package: PluginPackage, _ wishes: Wishes
    ) async throws -> JSONValue {
        var trial: PluginTrial?
        let plugin: NodePlugins.Assembled
        do {
            plugin = try await stage(package, change)
            let started = host.tryOut(assembly.runnable(plugin))
            trial = started
            try await start(started, change)
            try await watch(started, change, for: wishes.canary)
            try await note(change, "switch", .intent)
            try await host.adopt(started) { states in
                try await engine.commit(states, of: change)
                await pass("switch effect", change)
            }
        } catch {
            try await takeBack(change, trial, because: error)
            throw ControlError(
                "rolled_back",
                "\(change.plugin) \(change.to ?? "") was taken back: \(text(of: error))"
                    + (change.from.map { "; \($0) goes on" } ?? ""),
                hint: "'zos plugin history \(change.plugin)' has the steps")
        }
        return try await finish(change, plugin)
    }

    private func stage(_ package: PluginPackage, _ change: PluginChange) async throws -> NodePlugins.Assembled {
        try await note(change, "stage", .intent)
        let (packages, plugins) = (packages, assembly.plugins)
        let plugin = try await OwnThread.run {
            try plugins.assemble(package, copy: try packages.stage(package))
        }
        try await note(change, "stage", .effect)
        return plugin
    }

    /// Starts the new version beside the old one; it migrates, initialises and recovers.
    private func start(_ trial: PluginTrial, _ change: PluginChange) async throws {
        try await note(change, "start", .intent)
        try await host.start(trial)
        try await note(change, "start", .effect)
        let states = trial.migrated
        try await note(change, "migrate", .intent, ["workloads": .number(JSONNumber(states.count))])
        try await engine.keep(states, of: change)
        await pass("migrate effect", change)
    }

    /// The canary: the new version has to live and to be healthy for a while before anybody depends on it.
    private func watch(_ trial: PluginTrial, _ change: PluginChange, for period: Duration) async throws {
        try await note(
            change, "canary", .intent,
            ["milliseconds": .number(JSONNumber(Int64(period / .milliseconds(1))))])
        let end = ContinuousClock.now + period
        repeat {
            try await host.check(trial)
            try await Task.sleep(for: min(.milliseconds(100), max(.zero, end - .now)))
        } while ContinuousClock.now < end
        try await host.check(trial)
        try await note(change, "canary", .result, ["healthy": true])
    }

    private func takeBack(_ change: PluginChange, _ trial: PluginTrial?, because error: any Error) async throws {
        log.error(
            "new version of a plugin taken back",
            metadata: ["plugin": "\(change.plugin)", "version": "\(change.to ?? "")", "reason": "\(text(of: error))"])
        let reason: JSONValue = ["reason": .string(text(of: error))]
        try await note(change, "rollback", .intent, reason)
        if let trial { await host.abandon(trial) }
        let (packages, plugins) = (packages, assembly.plugins)
        try await OwnThread.run {
            if let digest = change.digest { try packages.discard(change.plugin, digest: digest) }
            if change.kind == .install { plugins.forget(change.plugin) }
        }
        try await store.close(change, .rolledBack, "rollback", reason, at: now)
        await pass("ended", change)
    }

    /// After the commit: nothing here can fail the change, the next start would finish it.
    private func finish(_ change: PluginChange, _ plugin: NodePlugins.Assembled) async throws -> JSONValue {
        brokers.register(plugin.rights)
        commandsChanged()
        let packages = packages
        let (digest, version) = (change.digest ?? "", change.to ?? "")
        try await note(change, "package", .intent)
        _ = try await OwnThread.run { try packages.adopt(change.plugin, digest: digest, version: version) }
        await pass("package effect", change)
        try await store.close(change, .done, "package", ["version": .string(version)], at: now)
        await pass("ended", change)
        log.notice(
            "plugin installed",
            metadata: ["plugin": "\(change.plugin)", "version": "\(version)", "from": "\(change.from ?? "")"])
        return [
            "id": .string(change.plugin), "version": .string(version),
            "from": change.from.map { .string($0) } ?? .null,
            "outcome": .string(
                change.kind == .install ? "installed" : change.kind == .upgrade ? "upgraded" : "downgraded"),
        ]
    }

    private func text(of error: any Error) -> String {
        error is CancellationError ? "the node was stopped" : (error as? HostingError)?.description ?? "\(error)"
    }
}
