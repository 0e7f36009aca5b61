import Glibc

/// The folders that plugins keep files in: `<root>/<plugin>/<name>`. The node makes them; a worker's start gives them to its user.
public struct PluginFolders: Sendable {
    private let root: String

    /// - Parameter root: belongs to the node; others may pass, not list.
    public init(root: String) { self.root = root }

    /// The path of a plugin's folder, which is made if it is not there.
    public func folder(of plugin: String, _ name: String) throws(HostingError) -> String {
        let parent = "\(root)/\(plugin)"
        let path = "\(parent)/\(name)"
        for (part, mode) in [(parent, mode_t(0o711)), (path, mode_t(0o700))] {
            guard mkdir(part, mode) == 0 || errno == EEXIST else {
                throw HostingError(.operationFailed, "\(part) cannot be made: \(systemText(errno))")
            }
        }
        return path
    }

    /// Removes what a plugin has kept, following no link. Its worker has to be gone.
    public func remove(_ plugin: String) throws(HostingError) {
        guard Manifest.isIdentifier(plugin) else { return }
        try SmallFile.removeTree("\(root)/\(plugin)")
    }
}
