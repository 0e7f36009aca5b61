import ArgumentParser

/// `zos trust add KEY --name NAME --type PATTERN`.
struct TrustAddCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Trust a publisher with types, or change those of one that is trusted.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The publisher's minisign public key: its text, or the file that minisign wrote.")
    var key: String
    @Option(help: "What to call the publisher.")
    var name: String
    @Option(name: .customLong("type"), help: "A type that it may serve, * for any text; can be repeated.")
    var types: [String] = []

    func execute() async throws {
        let session = try TrustSession(global.location)
        try await session.apply(
            .trust(try session.key(key), name: name, types: types), global.output,
            says: "\(name) is trusted with \(types.joined(separator: ", "))")
    }
}
