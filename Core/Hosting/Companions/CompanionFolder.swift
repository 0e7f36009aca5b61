import CHost
import Glibc

/// The folder of one instance: `shim/` is the core's (0700), `files/` the companion's own.
struct CompanionFolder: Sendable {
    let path: String

    init(_ identity: CompanionIdentity, in root: String) { path = "\(root)/\(identity.key)" }

    var files: String { path + "/files" }
    private var shim: String { path + "/shim" }
    private var recordPath: String { shim + "/record" }

    func make(user: UInt32) throws(HostingError) {
        try SmallFile.makeFolder(path, mode: 0o711)
        try SmallFile.makeFolder(shim, mode: 0o700)
        try SmallFile.makeFolder(files, mode: 0o700)
        try checkedErrno(lchown(files, user, user), "give \(files) to its companion")
    }

    func record() throws(HostingError) -> CompanionRecord? {
        try SmallFile.read(recordPath).map { bytes throws(HostingError) in try CompanionRecord(parsing: bytes) }
    }

    func write(_ record: CompanionRecord) throws(HostingError) {
        // Companions end with the machine, and their records with them: no wait for the disk.
        try SmallFile.replace(recordPath, with: Array(record.json.text.utf8), .process)
    }

    func removeStatus() throws(HostingError) { try SmallFile.remove(shim + "/status") }

    /// What the shim wrote when the companion of that nonce ended.
    func status(nonce: String) throws(HostingError) -> (status: Int32, uptime: Duration)? {
        guard let bytes = try SmallFile.read(shim + "/status") else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard fields.count == 5, fields[0].utf8.elementsEqual(nonce.utf8), let status = Int32(fields[3]),
            let uptime = Int64(fields[4])
        else { return nil }
        return (status, .milliseconds(uptime))
    }

    func openShim() throws(HostingError) -> OwnedDescriptor { try Self.open(shim) }
    func openFiles() throws(HostingError) -> OwnedDescriptor { try Self.open(files) }

    private static func open(_ path: String) throws(HostingError) -> OwnedDescriptor {
        OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open \(path)"))
    }

    /// Removes the folder, and the plugin's above it with its last instance.
    func remove() throws(HostingError) {
        try SmallFile.removeTree(path)
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        // The kernel refuses while there is another instance; whoever makes one now makes the folder again.
        rmdir(parent)
    }

    /// Every instance that has a folder below `root`.
    static func all(in root: String) -> [CompanionIdentity] {
        SmallFile.names(root).flatMap { plugin in
            SmallFile.names("\(root)/\(plugin)").compactMap { instance in
                // A name that the core cannot have made is left alone.
                try? CompanionIdentity(plugin: plugin, instance: instance)
            }
        }
    }
}
