import ArgumentParser
import Foundation
import Hosting
import JSON

/// `zos plugin sandbox ID|FOLDER`.
struct PluginSandboxCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "Show what surrounds a plugin: system calls with their conditions, files, limits, services, companions.",
        discussion: "Compiled from the manifest as for a start. Needs no node and starts nothing.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A folder with plugin.json, or the id of an installed plugin.")
    var plugin: String
    @Flag(help: "Print the filter as libseccomp compiles it, in its pseudo code.")
    var compiled = false

    func execute() async throws {
        let path = try ManifestPath.find(plugin, in: global.location)
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandError(.notFound, "\(path) cannot be read")
        }
        let description: SandboxDescription
        do {
            description = try SandboxDescription(Manifest(parsing: Array(bytes)))
        } catch {
            throw CommandError(.invalid, "\(path): \(error)")
        }
        guard compiled else { return global.output.result(description.json, text: description.text) }
        global.output.result(
            ["filter": .string(description.filter.pseudoCode)], text: description.filter.pseudoCode)
    }
}
