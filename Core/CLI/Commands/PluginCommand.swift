import ArgumentParser
import Foundation
import Hosting
import JSON

/// `zos plugin`.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Look at plugins.",
        subcommands: [PluginListCommand.self, PluginInspectCommand.self])
}

/// `zos plugin list`.
struct PluginListCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the node's plugins, and why those are refused that are.")

    @OptionGroup var global: GlobalOptions

    func execute() async throws {
        let plugins = try await global.session().client.call("zos.plugin.list").arrayValue ?? []
        let rows = plugins.map { plugin in
            let types = (plugin["types"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
            return ["id", "version", "state"].map { plugin[$0]?.stringValue ?? "" } + [
                types, plugin["reason"]?.stringValue ?? "",
            ]
        }
        global.output.result(["plugins": .array(plugins)], text: rows.isEmpty ? "no plugins" : Output.table(rows))
    }
}

/// `zos plugin inspect ID|FOLDER`.
struct PluginInspectCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a plugin asks for: types, entitlements with reasons, companions.",
        discussion: "Works on a plugin's folder without a node, and on an installed plugin by its id.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A folder with plugin.json, or the id of an installed plugin.")
    var plugin: String

    func execute() async throws {
        let path = try manifestPath()
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandError(.notFound, "\(path) cannot be read")
        }
        let manifest: Manifest
        let document: JSONValue
        do {
            manifest = try Manifest(parsing: Array(bytes))
            document = try JSONValue(parsing: Array(bytes))
        } catch {
            throw CommandError(.invalid, "\(path): \(error)")
        }
        var lines = ["\(manifest.id) \(manifest.version): \(manifest.summary)"]
        lines += manifest.types.map { "type         \($0.name)" }
        lines += manifest.commands.map { "command      \($0.name)" }
        lines += manifest.entitlements.map { "entitlement  \($0.name): \($0.reason)" }
        lines += manifest.companions.map { "companion    \($0.id): \($0.program)" }
        global.output.result(
            ["manifest": document, "path": .string(path)], text: lines.joined(separator: "\n"))
    }

    private func manifestPath() throws(CommandError) -> String {
        let direct = plugin + "/plugin.json"
        if FileManager.default.fileExists(atPath: direct) { return direct }
        let installed = DevelopmentFolder(path: global.location.path).folders.plugins + "/installed/\(plugin)"
        // Not installed is said below.
        let copies = (try? FileManager.default.contentsOfDirectory(atPath: installed)) ?? []
        for copy in copies.sorted() where FileManager.default.fileExists(atPath: "\(installed)/\(copy)/plugin.json") {
            return "\(installed)/\(copy)/plugin.json"
        }
        throw CommandError(
            .notFound, "'\(plugin)' is neither a plugin's folder nor installed in \(global.location.path)",
            hint: "see 'zos plugin list'")
    }
}
