import ArgumentParser
import JSON

/// `zos plugin remove ID`.
struct PluginRemoveCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a plugin out of the running node. Refused while workloads of its types live.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The plugin's id.")
    var id: String

    func execute() async throws {
        let answer = try await NodeControl(global.location).ask("plugin.remove", ["id": .string(id)])
        global.output.result(answer, text: "\(id) removed")
    }
}
