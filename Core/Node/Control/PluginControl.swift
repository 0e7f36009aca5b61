import Hosting
import JSON

/// The operator's commands for plugins: `plugin.list`, `plugin.install`, `plugin.remove`, `plugin.history`, `trust.reload`.
struct PluginControl: Sendable {
    let host: PluginHost
    let changes: PluginChanges

    func register(on commands: ControlCommands) {
        let (host, changes) = (host, changes)
        commands.register("plugin.list") { _ in .array(host.reports().map(\.json)) }
        commands.register("plugin.install") { arguments in
            let folder = try Self.text("folder", arguments)
            guard folder.hasPrefix("/") else { throw ControlError("bad_request", "'folder' is no absolute path") }
            var wishes = PluginChanges.Wishes()
            wishes.allowsDowngrade = arguments["downgrade"]?.boolValue ?? false
            if let canary = arguments["canary_milliseconds"] {
                guard let count = canary.intValue, (0...3_600_000).contains(count) else {
                    throw ControlError("bad_request", "'canary_milliseconds' is no number from 0 to 3600000")
                }
                wishes.canary = .milliseconds(count)
            }
            return try await changes.install(folder, wishes)
        }
        commands.register("plugin.remove") { try await changes.remove(try Self.text("id", $0)) }
        commands.register("plugin.history") { try await changes.history(try Self.text("id", $0)) }
        commands.register("trust.reload") { _ in try await changes.reloadTrust() }
    }

    private static func text(_ name: String, _ arguments: JSONValue) throws(ControlError) -> String {
        guard let text = arguments[name]?.stringValue, !text.isEmpty else {
            throw ControlError("bad_request", "'\(name)' is missing")
        }
        return text
    }
}
