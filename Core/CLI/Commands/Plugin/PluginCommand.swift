import ArgumentParser

/// `zos plugin`.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Write plugins, look at them, change what a node runs.",
        subcommands: [
            PluginNewCommand.self, PluginBuildCommand.self, PluginTestCommand.self, PluginRunCommand.self,
            PluginSignCommand.self, PluginKeyCommand.self, PluginListCommand.self, PluginInstallCommand.self,
            PluginRemoveCommand.self, PluginHistoryCommand.self, PluginInspectCommand.self,
            PluginSandboxCommand.self, PluginEntitlementsCommand.self, PluginTraceCommand.self,
        ])
}
