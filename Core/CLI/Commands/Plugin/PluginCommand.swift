import ArgumentParser

/// `zos plugin`.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Look at plugins.",
        subcommands: [
            PluginListCommand.self, PluginInspectCommand.self, PluginSandboxCommand.self,
            PluginEntitlementsCommand.self,
        ])
}
