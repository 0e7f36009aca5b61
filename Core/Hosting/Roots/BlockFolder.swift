import Glibc

/// The cache of blocks, which unpackers write to. What is in it is believed in nothing: no link is followed, and names
/// that are none of its own are left alone.
struct BlockFolder {
    let path: String

    private struct File {
        let first: String
        let second: String
        let name: String
        let used: timespec
        let bytes: UInt64
    }

    /// Removes what was not used for longest, until the rest has at most so many bytes.
    func evict(to limit: UInt64) throws(HostingError) {
        let root = OwnedDescriptor(
            taking: try checkedErrno(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open \(path)"))
        var files: [File] = []
        for first in Self.names(root) {
            // What an unpacker that was killed was about to write.
            if first.hasPrefix("new-") { unlinkat(root.number, first, 0) }
            guard let outer = Self.inner(first, of: root) else { continue }
            for second in Self.names(outer) {
                guard let folder = Self.inner(second, of: outer) else { continue }
                for name in Self.names(folder) {
                    var facts = stat()
                    guard fstatat(folder.number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
                    let bytes = facts.st_mode & S_IFMT == S_IFREG ? UInt64(clamping: facts.st_size) : 0
                    files.append(File(first: first, second: second, name: name, used: facts.st_mtim, bytes: bytes))
                }
            }
        }
        var total = files.reduce(UInt64(0)) { $0 &+ $1.bytes }
        guard total > limit else { return }
        files.sort { ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec) }
        for file in files where total > limit {
            guard let outer = Self.inner(file.first, of: root), let folder = Self.inner(file.second, of: outer)
            else { continue }
            unlinkat(folder.number, file.name, 0)
            total -= file.bytes
        }
    }

    private static func names(_ folder: OwnedDescriptor) -> [String] {
        SmallFile.names("/proc/self/fd/\(folder.number)")
    }

    /// A folder of two hexadecimal digits.
    private static func inner(_ name: String, of folder: OwnedDescriptor) -> OwnedDescriptor? {
        guard name.utf8.count == 2 else { return nil }
        let inner = openat(folder.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        return inner >= 0 ? OwnedDescriptor(taking: inner) : nil
    }
}
