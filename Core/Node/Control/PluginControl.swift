import Hosting
import JSON

/// The operator's commands for plugins.
struct PluginControl: Sendable {
    let host: PluginHost

    func register(on commands: ControlCommands) {
        commands.register("plugin.list") { _ in .array(host.reports().map(\.json)) }
    }
}
