import Hosting
import JSON
import Logging
import Provisioning
import Synchronization

/// Installs, upgrades and removes plugins while workloads run, one change at a time. Each step is in the journal before it is done.
final class PluginChanges: Sendable {
    let host: PluginHost
    let brokers: Brokers
    let packages: PackageStore
    let assembly: PluginAssembly
    let engine: Engine
    let store: DeploymentStore
    let log: Logger
    private let trustFile: String
    private let board: FaultBoard?
    /// Called when the commands that plugins serve may have changed.
    private let refresh: @Sendable () -> Void
    private let isBusy = Mutex(false)

    init(
        parts: NodeHosting.Parts, engine: Engine, store: DeploymentStore, trustFile: String, board: FaultBoard?,
        log: Logger, refresh: @escaping @Sendable () -> Void
    ) {
        host = parts.host
        brokers = parts.brokers
        packages = parts.store
        assembly = parts.assembly
        self.engine = engine
        self.store = store
        self.trustFile = trustFile
        self.board = board
        self.log = log
        self.refresh = refresh
    }

    /// Takes a plugin out of service and forgets its package, its files and its user.
    ///
    /// - Throws: `ControlError` with the code `in_use` and the list, if workloads of its types live.
    func remove(_ id: String) async throws -> JSONValue {
        try await exclusively {
            guard packages.installed().contains(where: { $0.id == id }) else {
                throw ControlError("not_found", "no plugin \(id) is installed", hint: "see 'zos plugin list'")
            }
            let runnable = host.runnable(id)
            let packages = packages
            // Also of one that does not run, such as one that is no longer trusted: its workloads may live.
            let types = try await OwnThread.run { try packages.types(of: id) }
                .filter { type in (host.type(named: type)?.plugin ?? id) == id }
            try await refuseLive(types, "\(id) cannot be removed")
            let version = packages.installed().first { $0.id == id }?.version
            let change = try await begin(
                PluginChange(plugin: id, kind: .remove, from: version, to: nil, digest: nil))
            try await note(change, "withdraw", .intent)
            await host.withdraw(id, because: nil)
            refresh()
            do {
                // One that was accepted while the types were still there.
                try await refuseLive(types, "\(id) cannot be removed")
            } catch {
                if let runnable { await host.restore(runnable) }
                refresh()
                try await store.close(
                    change, .rolledBack, "rollback", ["reason": .string("\(error)")], at: UnixClock.seconds())
                throw error
            }
            try await engine.commit([:], of: change)
            await pass("committed", change)
            brokers.unregister(id)
            let plugins = assembly.plugins
            try await OwnThread.run {
                plugins.forget(id)
                try packages.remove(id)
            }
            try await store.close(change, .done, "remove", ["types": .array(types.map { .string($0) })], at: now)
            await pass("ended", change)
            log.notice("plugin removed", metadata: ["plugin": "\(id)"])
            return ["id": .string(id), "outcome": "removed", "types": .array(types.map { .string($0) })]
        }
    }

    /// The journal of a plugin's changes.
    func history(_ id: String) async throws -> JSONValue { .array(try await store.pluginHistory(of: id)) }

    // MARK: what all changes need

    var now: Int64 { UnixClock.seconds() }

    func trust() async throws -> TrustPolicy {
        let path = trustFile
        return try await OwnThread.run { try TrustPolicy.load(path) }
    }

    func commandsChanged() { refresh() }

    func begin(_ change: PluginChange) async throws -> PluginChange {
        let opened = try await store.begin(change, at: now)
        await pass("opened", opened)
        return opened
    }

    func note(
        _ change: PluginChange, _ step: String, _ mark: PluginChangeMark, _ detail: JSONValue = [:]
    ) async throws {
        try await store.note(change, step, mark, detail, at: now)
        await pass("\(step) \(mark.rawValue)", change)
    }

    /// A place where a development node can be held.
    func pass(_ place: String, _ change: PluginChange) async {
        await board?.pass("change \(place)", of: "change of \(change.plugin)")
    }

    func refuseLive(_ types: [String], _ what: String) async throws {
        let live = await engine.live(types)
        guard !live.isEmpty else { return }
        let shown = live.prefix(100).joined(separator: ", ") + (live.count > 100 ? ", …" : "")
        throw ControlError(
            "in_use", "\(what): \(live.count) workloads of \(types.joined(separator: ", ")) live: \(shown)",
            hint: "have them removed first")
    }

    func exclusively<T>(_ body: () async throws -> T) async throws -> T {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else {
            throw ControlError("busy", "another change of plugins is under way", hint: "try again when it has ended")
        }
        defer { isBusy.withLock { $0 = false } }
        return try await body()
    }
}
