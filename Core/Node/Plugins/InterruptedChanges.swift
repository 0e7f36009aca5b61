import Hosting
import JSON
import Logging
import Provisioning

/// Changes of plugins that a dead node left open: what was committed is finished, everything else is taken back.
///
/// Until the commit nothing but a staged copy and states beside the present ones exists, so taking back is forgetting; from the commit on
/// only the record of the current package is missing.
struct InterruptedChanges {
    let store: DeploymentStore
    let packages: PackageStore
    let plugins: NodePlugins
    let log: Logger

    /// Call before plugins are loaded.
    func settle() async throws {
        for change in try await store.openChanges() {
            let isFinished = change.phase == .committed
            let detail: JSONValue = [
                "reason": .string(
                    isFinished ? "the node had ended after the commit" : "the node had ended before the commit")
            ]
            log.warning(
                isFinished ? "change of a plugin finished" : "change of a plugin taken back",
                metadata: ["plugin": "\(change.plugin)", "to": "\(change.to ?? "")"])
            try await act(on: change)
            try await store.close(
                change, isFinished ? .done : .rolledBack, isFinished ? "resume" : "rollback", detail,
                at: UnixClock.seconds())
        }
    }

    private func act(on change: PluginChange) async throws {
        let (packages, plugins) = (packages, plugins)
        switch (change.kind, change.phase) {
        case (.remove, .committed):
            try await OwnThread.run {
                plugins.forget(change.plugin)
                if packages.installed().contains(where: { $0.id == change.plugin }) {
                    try packages.remove(change.plugin)
                }
            }
        case (.remove, _): break
        case (_, .committed):
            guard let digest = change.digest, let version = change.to else { return }
            let isThere = try await OwnThread.run {
                try packages.adopt(change.plugin, digest: digest, version: version)
            }
            if !isThere { log.error("the new package is gone", metadata: ["plugin": "\(change.plugin)"]) }
        default:
            try await OwnThread.run {
                if let digest = change.digest { try packages.discard(change.plugin, digest: digest) }
                if change.kind == .install { plugins.forget(change.plugin) }
            }
        }
    }
}
