import Foundation

/// Finds the manifest that an argument means.
enum ManifestPath {
    /// - Parameter plugin: a folder with plugin.json, or the id of a plugin that is installed in the node's state folder.
    /// - Throws: `notFound`.
    static func find(_ plugin: String, in location: StateLocation) throws(CommandError) -> String {
        let direct = plugin + "/plugin.json"
        if FileManager.default.fileExists(atPath: direct) { return direct }
        if let installed = InstalledPlugins(location).package(of: plugin) { return installed.folder + "/plugin.json" }
        throw CommandError(
            .notFound, "'\(plugin)' is neither a plugin's folder nor installed in \(location.path)",
            hint: "see 'zos plugin list'")
    }
}
