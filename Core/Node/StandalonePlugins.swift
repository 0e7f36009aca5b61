import Hosting
import JSON
import Logging

/// The installed plugins without a node around them, in their sandboxes as ever: for tools that ask their judgement.
///
/// Nothing on the host is prepared or changed; every call of a plugin to the node is refused.
public struct StandalonePlugins: Sendable {
    public let host: PluginHost
    private let launcher: WorkerLauncher

    /// Starts what is installed below `configuration`'s folders. Plugins that are refused or do not start are in the host's reports.
    public init(configuration: NodeConfiguration, log: Logger) async throws {
        let hosting = NodeHosting(configuration: configuration, node: 0, registry: SubjectRegistry(), log: log)
        (host, launcher) = try hosting.buildStandalone()
        await host.start()
    }

    public func stop() async {
        await host.stop()
        launcher.close()
    }
}

/// Refuses every call.
struct NoServices: HostServices {
    func serve(_ call: HostCall) async -> HostAnswer {
        HostAnswer(.denied, code: "denied", message: "there is no node to ask for \(call.service)")
    }
}
