import Foundation
import Hosting
import JSON

/// What a development node lets companions be: what the plugins declare that its developer gives it to sign. A node of an operator has
/// the same entries in its configuration, written by the operator.
struct DevelopmentCompanions {
    /// Entries of `[companions]`, one per companion.
    let lines: [String]

    /// - Parameters:
    ///   - source: folder of plugin folders that are about to be installed.
    ///   - installed: what was installed before; a folder of the same plugin in `source` counts instead.
    init(source: String, installed: InstalledPlugins) {
        var manifests: [String: Manifest] = [:]
        for id in installed.ids {
            guard let package = installed.package(of: id) else { continue }
            manifests[id] = Self.manifest(in: package.folder)
        }
        // No folder, no plugins.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? [] {
            guard let manifest = Self.manifest(in: "\(source)/\(name)") else { continue }
            manifests[manifest.id] = manifest
        }
        lines = manifests.values.sorted { $0.id < $1.id }.flatMap { CompanionPolicy.lines(covering: $0) }
    }

    /// Nil for what is no plugin or none that could be installed; installing it says why.
    private static func manifest(in folder: String) -> Manifest? {
        FileManager.default.contents(atPath: folder + "/plugin.json").flatMap { try? Manifest(parsing: Array($0)) }
    }
}
