import Hosting
import Logging

/// Listing what plugins try instead of ending them: a choice of the operator of a development node, out of reach of
/// plugins and packages.
enum PluginTrace {
    /// - Returns: nil unless the configuration asks for it.
    /// - Throws: `badConfiguration` on a network with other people's workloads.
    static func make(_ configuration: NodeConfiguration, log: Logger) throws(NodeError) -> SandboxTrace? {
        guard configuration.allowsUnsafeTrace else { return nil }
        guard configuration.network == .embedded else {
            throw NodeError(
                .badConfiguration,
                "unsafe_trace_plugins is for nodes with an embedded ledger, not for a node of the network "
                    + "'\(configuration.network.rawValue)'", hint: "remove it from the configuration")
        }
        return SandboxTrace(log: log)
    }

    /// At the end: what would cover what was tried.
    static func report(_ trace: SandboxTrace, log: Logger) {
        for plugin in trace.plugins {
            log.notice(
                "what a plugin tried beyond its entitlements",
                metadata: ["plugin": "\(plugin)", "entitlements": "\(trace.suggestion(for: plugin).text)"])
        }
    }
}
