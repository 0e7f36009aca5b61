import ArgumentParser
import Hosting
import Signatures

/// `zos trust pin ID --digest HEX|--versions RANGE`.
struct TrustPinCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Accept only one package of a plugin, or only some versions.",
        discussion: "A pin also decides which of two plugins that claim the same type is loaded.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The plugin's id.")
    var plugin: String
    @Option(help: "SHA-256 of the package's plugin.files, as 'zos plugin inspect' shows it.")
    var digest: String?
    @Option(help: "Comparisons that must all hold, such as \">=1.2.0 <2.0.0\", or one version.")
    var versions: String?

    func validate() throws {
        guard (digest == nil) != (versions == nil) else {
            throw ValidationError("name either --digest or --versions")
        }
    }

    func execute() async throws {
        let pin: TrustPolicy.Pin
        if let versions { pin = .versions(try VersionRange(parsing: versions)) } else { pin = .digest(try bytes()) }
        try await TrustSession(global.location).apply(
            .pin(plugin: plugin, pin), global.output, says: "\(plugin) is pinned to \(versions ?? digest ?? "")")
    }

    private func bytes() throws(CommandError) -> [UInt8] {
        guard let bytes = try? Hex.decode(digest ?? ""), bytes.count == 32 else {  // What is wrong is said below.
            throw CommandError(.invalid, "a digest is 64 hexadecimal digits", hint: "'zos plugin inspect' shows it")
        }
        return bytes
    }
}

/// `zos trust unpin ID`.
struct TrustUnpinCommand: ZosCommand {
    static let configuration = CommandConfiguration(commandName: "unpin", abstract: "Take a pin back.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The plugin's id.")
    var plugin: String

    func execute() async throws {
        try await TrustSession(global.location).apply(
            .unpin(plugin: plugin), global.output, says: "\(plugin) is not pinned any more")
    }
}
