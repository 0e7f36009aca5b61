import ArgumentParser
import Foundation
import JSON

/// `zos plugin install FOLDER`.
struct PluginInstallCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install a signed plugin into the running node, or another version of it.",
        discussion: """
            A version that runs already goes on until the new one has started, has migrated the states of its workloads and has been
            healthy for the canary's time; if anything of that fails, it is taken back. Workloads are not interrupted.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The package: a folder with plugin.json, plugin.so, plugin.files and plugin.files.minisig.")
    var folder: String
    @Flag(help: "Accept a version below the highest that this node has accepted.")
    var downgrade = false
    @Flag(help: "Sign a copy with the development node's own key first.")
    var sign = false
    @Option(help: "Seconds for which the new version is watched before it serves.")
    var canary: Double = 2

    func execute() async throws {
        var path = URL(fileURLWithPath: folder).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: path + "/plugin.json") else {
            throw CommandError(.notFound, "\(folder) has no plugin.json", hint: "name the folder of a package")
        }
        if sign {
            let development = DevelopmentPlugins(folder: DevelopmentFolder(path: global.location.path))
            path = try development.sign(path, as: URL(fileURLWithPath: path).lastPathComponent)
        }
        guard (0...3600).contains(canary) else {
            throw CommandError(.invalid, "the canary's time is from 0 to 3600 seconds")
        }
        let patience = Duration.seconds(300) + .seconds(canary)
        let answer = try await NodeControl(global.location).ask(
            "plugin.install",
            [
                "folder": .string(path), "downgrade": .bool(downgrade),
                "canary_milliseconds": .number(JSONNumber(Int(canary * 1000))),
            ], patience: patience)
        let name = "\(answer["id"]?.stringValue ?? "") \(answer["version"]?.stringValue ?? "")"
        let before = answer["from"]?.stringValue.map { ", was \($0)" } ?? ""
        global.output.result(answer, text: "\(name) \(answer["outcome"]?.stringValue ?? "")\(before)")
    }
}
