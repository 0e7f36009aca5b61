import ArgumentParser
import JSON

/// `zos plugin key`.
struct PluginKeyCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show the author's public key; make the key if there is none.",
        discussion: "Operators trust it with 'zos trust add KEY'.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: AuthorKeyOptions

    func execute() async throws {
        let author = try options.load()
        let key = author.key.publicKey.base64
        global.output.result(
            ["key": .string(key), "key_file": .string(author.file), "new": .bool(author.isNew)],
            text: "\(key)\n\(author.isNew ? "new, secret half" : "secret half"): \(author.file)")
    }
}
