import Glibc

/// Files in which the kernel describes the machine, read with bounds. Tests give another root.
struct HostFiles: Sendable {
    /// Bytes that a file is read up to, unless its reader says otherwise.
    static let limit = 64 << 10

    private let root: String

    /// - Parameter root: put before every path; empty for the real ones.
    init(root: String = "") { self.root = root }

    /// The first `limit` bytes; nil for what is not there or not readable.
    func bytes(_ path: String, limit: Int = HostFiles.limit) -> [UInt8]? {
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 16 << 10))
        while bytes.count < limit {
            let count = read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    func text(_ path: String, limit: Int = HostFiles.limit) -> String? {
        bytes(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first line, without white space around it.
    func line(_ path: String) -> String? {
        guard let bytes = bytes(path, limit: 4096) else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }
        return String(decoding: line, as: UTF8.self).trimmed
    }

    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    /// Names in a folder, sorted; empty if there is no such folder.
    func names(_ path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder), names.count < 65_536 {
            // SAFETY: d_name is an array of 256 bytes with a terminating zero (readdir(3)).
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let front = drop(while: isBlank)
        return String(front.reversed().drop(while: isBlank).reversed())
    }
}
