import ArgumentParser
import Foundation
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
            return ["id", "version", "state"].map { plugin[$0]?.stringValue ?? "" } + [types, trouble(of: plugin)]
        }
        global.output.result(["plugins": .array(plugins)], text: rows.isEmpty ? "no plugins" : Output.table(rows))
    }

    /// Why it does not serve and when that is tried again, or what it says about its health.
    private func trouble(of plugin: JSONValue) -> String {
        var parts = [plugin["reason"]?.stringValue ?? ""]
        if let seconds = plugin["next_attempt"]?.intValue {
            parts.append("next attempt at \(Self.clockTime(in: seconds)), in \(seconds) s")
        }
        if let failures = plugin["failures"]?.intValue, failures > 1 { parts.append("failed \(failures) times") }
        if let health = plugin["health"]?.stringValue, !health.utf8.elementsEqual("healthy".utf8) {
            parts.append(health)
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// The local time of day, such as `14:03:22`.
    private static func clockTime(in seconds: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSinceNow: Double(seconds)))
    }
}
