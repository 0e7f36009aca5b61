import Foundation
import Hosting
import JSON
import Node

/// The plugins that a node has installed, read from its state folder: no node has to run.
struct InstalledPlugins {
    /// The verified copy of a plugin's package.
    struct Package {
        let folder: String
        let version: String
        /// `plugin.json` as it is in the copy.
        let document: JSONValue
    }

    private let plugins: String

    init(_ location: StateLocation) {
        plugins = StateFolder(state: location.path, run: location.path + "/run").plugins
    }

    /// The operator's trust policy; one that trusts nobody where there is no node.
    func policy() throws(HostingError) -> TrustPolicy {
        try TrustFile(plugins: plugins, now: { Int64(Date().timeIntervalSince1970) }).policy()
    }

    /// Sorted.
    var ids: [String] {
        // No folder, no plugins.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(plugins)/installed")) ?? []
        return names.filter { package(of: $0) != nil }.sorted()
    }

    /// Nil if it is not installed, or if its copy is damaged (`zos plugin list` says so).
    func package(of id: String) -> Package? {
        let folder = "\(plugins)/installed/\(id)"
        guard Self.isPlainName(id), let record = Self.json("\(folder)/record.json"),
            let digest = record["current"]?.stringValue, Self.isPlainName(digest),
            let document = Self.json("\(folder)/\(digest)/plugin.json")
        else { return nil }
        return Package(
            folder: "\(folder)/\(digest)", version: record["version"]?.stringValue ?? "", document: document)
    }

    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")) && !name.hasPrefix(".")
    }

    private static func json(_ path: String) -> JSONValue? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONValue(parsing: Array($0)) }  // As said above.
    }
}
