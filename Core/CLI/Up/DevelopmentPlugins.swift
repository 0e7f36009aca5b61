import Foundation
import Hosting
import JSON
import Node
import Signatures

/// Signs the plugins that were built beside this program with the development node's own key and installs them.
struct DevelopmentPlugins: Sendable {
    let folder: DevelopmentFolder

    /// What became of a plugin.
    struct Outcome: Sendable {
        let name: String
        /// Nil if it is installed.
        let refusal: String?
    }

    /// Where the build puts plugin folders: `$ZOS_PLUGINS`, else `build/<configuration>-plugins` of the source tree that
    /// this program was built in, else `../lib/zos/plugins` beside it.
    static func builtFolder(executable: String, environment: [String: String]) -> String {
        if let given = environment["ZOS_PLUGINS"], !given.isEmpty { return given }
        let own = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        var tree = own
        while tree.path != "/" {
            let built = tree.appendingPathComponent("build/\(own.lastPathComponent)-plugins")
            if FileManager.default.fileExists(atPath: tree.appendingPathComponent("Package.swift").path) {
                return built.path
            }
            tree.deleteLastPathComponent()
        }
        return own.appendingPathComponent("../lib/zos/plugins").standardizedFileURL.path
    }

    /// Installs every plugin folder below `source`. One that is refused does not keep the others out.
    func install(from source: String) throws -> [Outcome] {
        let key = try publisherKey()
        let trust = TrustPolicy(trusting: key.publicKey, name: "development")
        try FileManager.default.createDirectory(atPath: folder.folders.plugins, withIntermediateDirectories: true)
        chmod(folder.folders.plugins, 0o700)
        try writePolicy(key.publicKey)
        let abi = WorkerLauncher.spokenABI
        let store = try PackageStore(
            root: folder.folders.plugins + "/installed", abi: (abi.min() ?? 1)...(abi.max() ?? 1),
            now: { Int64(Date().timeIntervalSince1970) })
        let names = (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []  // No folder, no plugins.
        return names.sorted().compactMap { name in
            let built = "\(source)/\(name)"
            guard FileManager.default.fileExists(atPath: built + "/plugin.json") else { return nil }
            do {
                let staged = try sign(built, as: name)
                // A development tree goes back and forth.
                try store.install(folder: staged, trust: trust, downgrade: .allow)
                return Outcome(name: name, refusal: nil)
            } catch {
                return Outcome(name: name, refusal: "\(error)")
            }
        }
    }

    /// Signs a copy of a package with the development key.
    ///
    /// - Returns: the copy's folder.
    func sign(_ package: String, as name: String) throws -> String {
        let staged = "\(folder.packages)/\(name)"
        try? FileManager.default.removeItem(atPath: staged)  // Left by an earlier run, if at all.
        try FileManager.default.copyItem(atPath: package, toPath: staged)
        try PackageWriter(key: publisherKey()).sign(folder: staged)
        return staged
    }

    private func publisherKey() throws -> MinisignSecretKey {
        if let text = try SecretFile.read(folder.publisher) { return try MinisignSecretKey(fileText: text + "\n") }
        let key = MinisignSecretKey.generate()
        try key.withFileText { try SecretFile.write($0.trimmingCharacters(in: .newlines), to: folder.publisher) }
        return key
    }

    /// Only the development key is trusted, with every type. A policy that the operator changed is kept.
    private func writePolicy(_ key: MinisignPublicKey) throws {
        let path = folder.folders.plugins + "/trust.json"
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let policy: JSONValue = [
            "trust": 1,
            "publishers": [["key": .string(key.base64), "name": "development", "types": ["*"], "revoked": false]],
            "pins": [:], "minimum_versions": [:],
        ]
        try SecretFile.write(policy.text, to: path)
    }
}
