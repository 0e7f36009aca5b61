import CHost
import Glibc

/// The folder of unpacked roots, blocks and work in progress. Every call blocks.
///
/// A root is made in `work`, flushed, and then renamed into `roots`: what is there is whole. What a crash leaves in
/// `work` goes at the next start.
struct RootCache: Sendable {
    let folder: String
    let firstOwner: UInt32
    let limit: UInt64

    var roots: String { folder + "/roots" }
    var blocks: String { folder + "/blocks" }
    private var work: String { folder + "/work" }

    /// The part of the limit that blocks may have.
    private static let blockShare: UInt64 = 4

    /// - Throws: if the folders cannot be made or cleared.
    init(_ configuration: ImageConfiguration) throws(HostingError) {
        folder = configuration.folder
        firstOwner = configuration.firstOwner
        limit = configuration.cacheSize
        // Nobody but the node gets in: there are files with set-id bits, of owners that nobody is.
        try SmallFile.makeFolder(folder, mode: 0o700)
        try SmallFile.makeFolder(roots, mode: 0o700)
        try SmallFile.makeFolder(blocks, mode: 0o700)
        try checkedErrno(chown(blocks, firstOwner, firstOwner), "give \(blocks) to the unpacker")
        try Self.remove(work)
        try SmallFile.makeFolder(work, mode: 0o700)
        for name in SmallFile.names(roots) where RootMark.read("\(roots)/\(name)") == nil { try remove(name) }
    }

    func path(_ key: RootKey) -> String { "\(roots)/\(key.name)" }

    /// The content of a root; nil if it is not there.
    func open(_ key: RootKey) throws(HostingError) -> OwnedDescriptor? {
        guard RootMark.read(path(key)) != nil else { return nil }
        // For eviction by last use. Failing only makes it older.
        utimensat(AT_FDCWD, "\(path(key))/\(RootMark.name)", nil, 0)
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        return OwnedDescriptor(
            taking: try checkedErrno(Glibc.open("\(path(key))/content", flags), "open the root \(key.name)"))
    }

    /// Whether the root is what it was when it came.
    func isWhole(_ key: RootKey) -> Bool {
        do throws(HostingError) {
            guard let mark = RootMark.read(path(key)), let content = try open(key) else { return false }
            return try TreeDigest.of(content) == mark.tree
        } catch { return false }
    }

    /// A new folder for one root on its way, with `content` and `scratch` that belong to the unpacker.
    func begin(_ name: String) throws(HostingError) -> String {
        let path = "\(work)/\(name)"
        try SmallFile.makeFolder(path, mode: 0o700)
        for inner in ["content", "scratch"] {
            try SmallFile.makeFolder("\(path)/\(inner)", mode: 0o700)
            try checkedErrno(chown("\(path)/\(inner)", firstOwner, firstOwner), "give a folder to the unpacker")
        }
        return path
    }

    /// Makes what was unpacked a root of the cache.
    func commit(_ path: String, as key: RootKey, source: String, bytes: UInt64, entries: Int) throws(HostingError) {
        for inner in ["scratch", "source"] { try Self.remove("\(path)/\(inner)") }
        let content = OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open("\(path)/content", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open a new root"))
        let mark = RootMark(source: source, bytes: bytes, entries: entries, tree: try TreeDigest.of(content))
        try mark.write(to: path)
        try checked(zos_sync_files(content.number), "write a new root")
        if rename(path, self.path(key)) != 0 {
            guard errno == ENOTEMPTY || errno == EEXIST else {
                throw HostingError(.operationFailed, "cannot keep the root \(key.name): \(systemText(errno))")
            }
            try Self.remove(path)
        }
        let above = OwnedDescriptor(
            taking: try checkedErrno(Glibc.open(roots, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(roots)"))
        try checkedErrno(fsync(above.number), "write \(roots)")
    }

    func discard(_ path: String) throws(HostingError) { try Self.remove(path) }

    /// Takes a root out of sight, then away. A machine that has it mounted keeps it.
    func remove(_ name: String) throws(HostingError) {
        let hidden = "\(work)/gone-\(name)"
        try SmallFile.makeFolder(work, mode: 0o700)
        try Self.remove(hidden)
        if rename("\(roots)/\(name)", hidden) != 0 && errno != ENOENT {
            throw HostingError(.operationFailed, "cannot remove the root \(name): \(systemText(errno))")
        }
        try Self.remove(hidden)
    }

    /// Removes what was not used for longest until the rest fits.
    /// - Parameter kept: names of roots that stay.
    /// - Returns: what was removed.
    @discardableResult
    func evict(keeping kept: Set<String>) throws(HostingError) -> [String] {
        try BlockFolder(path: blocks).evict(to: limit / Self.blockShare)
        var found: [(name: String, used: timespec, bytes: UInt64)] = []
        for name in SmallFile.names(roots) {
            var facts = stat()
            guard let mark = RootMark.read("\(roots)/\(name)"),
                stat("\(roots)/\(name)/\(RootMark.name)", &facts) == 0
            else { continue }
            found.append((name, facts.st_mtim, mark.bytes))
        }
        var total = found.reduce(UInt64(0)) { $0 &+ $1.bytes }
        var removed: [String] = []
        let oldest = found.sorted { ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec) }
        for root in oldest where total > limit && !kept.contains(root.name) {
            try remove(root.name)
            total -= root.bytes
            removed.append(root.name)
        }
        return removed
    }

    /// By a program that is made for it: names may be any bytes, and folders 256 deep.
    private static func remove(_ path: String) throws(HostingError) {
        guard access(path, F_OK) == 0 else { return }
        try Program.run("/bin/rm", ["-rf", "--one-file-system", "--", path])
    }
}
