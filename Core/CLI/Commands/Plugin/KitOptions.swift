import ArgumentParser

/// Where the plugin kit is.
struct KitOptions: ParsableArguments {
    @Option(help: "The folder PluginSDK; else $ZOS_SDK, else the one that came with this program.")
    var sdk: String?

    func folder() throws(CommandError) -> SDKFolder { try SDKFolder.find(option: sdk, executable: ProgramPath.own()) }
}
