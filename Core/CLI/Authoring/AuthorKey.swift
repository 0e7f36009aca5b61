import Foundation
import Node
import Signatures

/// The key with which an author signs: a minisign key file, `~/.config/zos/publisher.key` unless another is named.
struct AuthorKey: Sendable {
    let file: String
    let key: MinisignSecretKey
    /// Whether it was made just now.
    let isNew: Bool

    static func defaultFile(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let given = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (given ?? NSHomeDirectory() + "/.config") + "/zos/publisher.key"
    }

    /// The key of `file`, or the default one, which is made if there is none.
    /// - Parameter password: asked for if the file is under one.
    static func load(
        _ file: String?, defaultFile: String = Self.defaultFile(), password: () throws -> String
    ) throws -> AuthorKey {
        if let file {
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw CommandError(.notFound, "there is no key file \(file)", hint: "make one with minisign -G")
            }
            let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
            return AuthorKey(file: file, key: try read(text, password), isNew: false)
        }
        let file = defaultFile
        if let text = try SecretFile.read(file) {
            return AuthorKey(file: file, key: try read(text, password), isNew: false)
        }
        let key = MinisignSecretKey.generate()
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try key.withFileText { try SecretFile.write($0.trimmingCharacters(in: .newlines), to: file) }
        try Data(key.publicKey.fileText.utf8).write(to: URL(fileURLWithPath: publicFile(file)))
        return AuthorKey(file: file, key: key, isNew: true)
    }

    /// Where the public half of the default key is.
    static func publicFile(_ file: String) -> String {
        (file.hasSuffix(".key") ? String(file.dropLast(4)) : file) + ".pub"
    }

    private static func read(_ text: String, _ password: () throws -> String) throws -> MinisignSecretKey {
        guard MinisignSecretKey.needsPassword(fileText: text) else { return try MinisignSecretKey(fileText: text) }
        return try MinisignSecretKey(fileText: text, password: Array(password().utf8))
    }
}
