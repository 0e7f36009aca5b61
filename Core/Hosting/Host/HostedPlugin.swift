/// A plugin of this node: its verified package and the worker that runs it.
struct HostedPlugin: Sendable {
    let package: PluginPackage
    let worker: PluginWorker
    let types: [HostedType]

    var id: String { package.manifest.id }

    var report: PluginReport {
        let status = worker.status
        var reason = ""
        var next: Int64?
        if case .failed(let failure, let retryAt) = status.state {
            reason = failure.message
            next = retryAt.map { max(0, ContinuousClock.now.duration(to: $0).components.seconds) }
        }
        return PluginReport(
            id: id, version: package.manifest.version.text, types: types.map(\.name), state: status.name,
            reason: reason, nextAttempt: next, restarts: status.restarts)
    }
}
