import Foundation
import Hosting

/// An author's project: a folder with `plugin.json` and sources.
struct PluginProject: Sendable {
    /// Absolute.
    let path: String
    let language: ProjectLanguage
    let manifest: Manifest

    /// - Throws: `notFound` if there is no project, `invalid` if its manifest would be refused.
    init(_ given: String) throws(CommandError) {
        path = URL(fileURLWithPath: given).standardizedFileURL.path
        guard let bytes = FileManager.default.contents(atPath: path + "/plugin.json") else {
            throw CommandError(
                .notFound, "\(path) is not a plugin's project: it has no plugin.json",
                hint: "make one with 'zos plugin new'")
        }
        do {
            manifest = try Manifest(parsing: Array(bytes))
        } catch {
            throw CommandError(.invalid, "\(path)/plugin.json: \(error.message)", hint: error.hint)
        }
        guard let language = ProjectLanguage.detect(in: path) else {
            throw CommandError(
                .notFound, "\(path) has nothing to build: no Package.swift, Cargo.toml, Makefile or .c file")
        }
        self.language = language
    }

    /// Where `zos plugin build` puts the package.
    var package: String { path + "/build/package" }
    /// The state folder of the node that `zos plugin run` starts.
    var node: String { path + "/build/node" }
}
