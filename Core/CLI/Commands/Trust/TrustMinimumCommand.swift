import ArgumentParser
import Hosting

/// `zos trust minimum ID VERSION|none`.
struct TrustMinimumCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "minimum", abstract: "Refuse versions of a plugin below one, such as those with a known hole.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The plugin's id.")
    var plugin: String
    @Argument(help: "The lowest version that is accepted; 'none' for any.")
    var version: String

    func execute() async throws {
        let lowest = version == "none" ? nil : try SemanticVersion(parsing: version)
        try await TrustSession(global.location).apply(
            .minimum(plugin: plugin, lowest), global.output,
            says: lowest.map { "\(plugin) is refused below \($0)" } ?? "\(plugin) has no minimum version any more")
    }
}
