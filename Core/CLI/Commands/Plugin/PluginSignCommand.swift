import ArgumentParser
import Foundation
import Hosting
import JSON
import Signatures

/// `zos plugin sign`.
struct PluginSignCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a built package, as minisign would.",
        discussion: """
            Writes plugin.files and plugin.files.minisig into the package. Without --key the author's own key is used,
            ~/.config/zos/publisher.key, which is made if there is none.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: AuthorKeyOptions
    @Argument(help: "The project's folder, or the package itself.")
    var path = "."

    func execute() async throws {
        let folder = try Self.package(path)
        let author = try options.load()
        let digest = try PackageWriter(key: author.key).sign(folder: folder)
        let key = author.key.publicKey.base64
        global.output.result(
            [
                "package": .string(folder), "digest": .string(Hex.encode(digest)), "key": .string(key),
                "key_file": .string(author.file),
            ],
            text: """
                \(folder) is signed by \(key)\(author.isNew ? " (a new key, \(author.file): keep it)" : "")
                digest \(Hex.encode(digest))
                """)
    }

    /// - Throws: `notFound` if it has not been built.
    private static func package(_ given: String) throws(CommandError) -> String {
        let path = URL(fileURLWithPath: given).standardizedFileURL.path
        for folder in [path, path + "/build/package"]
        where FileManager.default.fileExists(atPath: folder + "/plugin.so") { return folder }
        throw CommandError(
            .notFound, "\(path) is no package and has none in build/package", hint: "build it with 'zos plugin build'")
    }
}
