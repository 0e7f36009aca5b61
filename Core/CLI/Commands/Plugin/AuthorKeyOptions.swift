import ArgumentParser
import Foundation
import Glibc

/// Whose key signs.
struct AuthorKeyOptions: ParsableArguments {
    @Option(help: "A minisign secret key file; the author's own key unless given.")
    var key: String?
    @Option(help: "A file with the password of the key; asked for on the terminal unless given.")
    var passwordFile: String?

    func load() throws -> AuthorKey { try AuthorKey.load(key, password: password) }

    private func password() throws -> String {
        if let passwordFile {
            guard let bytes = FileManager.default.contents(atPath: passwordFile) else {
                throw CommandError(.notFound, "there is no file \(passwordFile)")
            }
            return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        // SAFETY: getpass returns a buffer of its own, valid until its next call; this program calls it once.
        guard isatty(0) == 1, let typed = getpass("password of the key: ") else {
            throw CommandError(
                .invalid, "the key is under a password and there is no terminal to ask for it",
                hint: "name a file that holds it with --password-file")
        }
        defer { memset(typed, 0, strlen(typed)) }
        return String(cString: typed)
    }
}
