import Glibc

/// Small files that only their owner may read, replaced as a whole.
public enum SecretFile {
    /// The text without its last line feed; nil if there is no such file. Throws `.badIdentity` if others could read it.
    public static func read(_ path: String) throws(NodeError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
        guard status.st_mode & 0o077 == 0 else {
            throw NodeError(
                .badIdentity, "\(path) can be read by others", hint: "chmod 600 it, and make a new one if it was read")
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read", path) }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.last == "\n" ? String(text.dropLast()) : text
    }

    /// Writes to a temporary file, syncs, renames, syncs the folder: after a crash there is the old text or the new one.
    public static func write(_ text: String, to path: String) throws(NodeError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", temporary) }
        let bytes = Array((text + "\n").utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else { throw failure("write", path) }
        let folder = open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/", O_RDONLY | O_DIRECTORY)
        guard folder >= 0 else { throw failure("sync the folder of", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("sync the folder of", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> NodeError {
        NodeError(.unusable, "cannot \(verb) \(path): \(String(cString: strerror(errno)))", hint: nil)
    }
}
