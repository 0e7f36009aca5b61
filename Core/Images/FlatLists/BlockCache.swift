import CHost
import Glibc
import Unpacking

/// Plain pieces by id (docs/spec/flist.md section 4). Nothing in it is believed: whoever reads compares with the key.
struct BlockCache {
    let folder: FileHandle

    /// The piece, if it is there and whole; what is not is removed.
    func read(_ block: Block) -> [UInt8]? {
        let (folders, path) = Self.path(block)
        _ = folders
        let file = openat(folder.number, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        let handle = FileHandle(taking: file)
        // Unreadable is as good as absent: it is fetched again.
        if let plain = try? handle.readAll(atMost: Block.plainLimit, name: "a block"), block.isContent(plain) {
            // For eviction by last use. Failing only makes it older.
            futimens(file, nil)
            return plain
        }
        unlinkat(folder.number, path, 0)
        return nil
    }

    /// Keeps it for the next time. A cache that takes nothing is no error.
    func write(_ block: Block, _ plain: [UInt8], serial: Int) {
        let (folders, path) = Self.path(block)
        for name in folders { mkdirat(folder.number, name, 0o700) }
        // Under another name first: a crash leaves nothing that looks like a block.
        let temporary = "new-\(getpid())-\(serial)"
        let file = openat(folder.number, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let handle = FileHandle(taking: file)
        let isWritten = plain.withUnsafeBytes { bytes in
            do throws(ImageError) {
                try handle.write(bytes, at: 0, name: "a block")
                return true
            } catch { return false }
        }
        guard isWritten, renameat(folder.number, temporary, folder.number, path) == 0 else {
            unlinkat(folder.number, temporary, 0)
            return
        }
    }

    private static func path(_ block: Block) -> (folders: [String], file: String) {
        let first = String(block.name.prefix(2))
        let second = first + "/" + block.name.dropFirst(2).prefix(2)
        return ([first, second], "\(second)/\(block.name)")
    }
}
