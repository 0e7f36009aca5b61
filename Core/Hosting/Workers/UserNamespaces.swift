import CHost
import Glibc

/// The user namespaces of plugins that configure networks.
///
/// Each is pinned as a file: the network namespaces that it owns outlive the core, and only a worker in the *same* user
/// namespace may configure them after a restart.
public struct UserNamespaces: Sendable {
    private let folder: String

    /// - Parameter folder: for the pins; lost at a reboot, like the namespaces.
    public init(folder: String) { self.folder = folder }

    /// The user namespace of a plugin, made if it is not there.
    ///
    /// - Parameter base: from `UIDAllocator.range(for:)`.
    public func namespace(of plugin: String, base: UInt32) throws(HostingError) -> OwnedDescriptor {
        let path = "\(folder)/\(plugin)"
        if let existing = try open(path) { return existing }
        try SmallFile.makeFolder(folder, mode: 0o711)
        // What a crash between making the file and mounting onto it left behind.
        try checked(zos_netns_delete(path), "clear \(path)")
        let made = OwnedDescriptor(
            taking: try checked(zos_userns_new(base, UIDAllocator.rangeLength), "make a user namespace for \(plugin)"))
        try checked(zos_netns_pin(made.number, path), "keep the user namespace of \(plugin) as \(path)")
        return made
    }

    /// Takes the pin away. What lives in the namespace keeps it.
    public func remove(_ plugin: String) throws(HostingError) {
        try checked(zos_netns_delete("\(folder)/\(plugin)"), "remove the user namespace of \(plugin)")
    }

    /// The pinned namespace; nil if the file is absent or is only a file.
    private func open(_ path: String) throws(HostingError) -> OwnedDescriptor? {
        let descriptor = zos_namespace_open(path)
        if descriptor == -ENOENT { return nil }
        let opened = OwnedDescriptor(taking: try checked(descriptor, "open \(path)"))
        // NS_GET_NSTYPE: CLONE_NEWUSER for user namespaces, an error for files.
        return ioctl(opened.number, 0xb703) == 0x1000_0000 ? opened : nil
    }
}
