import ArgumentParser
import JSON

/// `zos plugin list`.
struct PluginListCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the node's plugins, and why those are refused that are.")

    @OptionGroup var global: GlobalOptions

    func execute() async throws {
        let plugins = try await NodeControl(global.location).ask("plugin.list").arrayValue ?? []
        let rows = plugins.map { plugin in
            let types = (plugin["types"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
            return ["id", "version", "state"].map { plugin[$0]?.stringValue ?? "" } + [
                types, plugin["reason"]?.stringValue ?? "",
            ]
        }
        global.output.result(["plugins": .array(plugins)], text: rows.isEmpty ? "no plugins" : Output.table(rows))
    }
}
