import CHost
import Glibc
import JSON

/// Small files that the core owns.
enum SmallFile {
    /// What is read at most; the core's own records are far smaller.
    static let limit = 4 << 20

    enum Durability: Sendable {
        /// Survives the end of this process, not of the machine: for what the kernel forgets at a reboot anyway.
        case process
        /// On disk when the call returns.
        case disk
    }

    /// The content, or nil if there is no such file.
    static func read(_ path: String) throws(HostingError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 && errno == ENOENT { return nil }
        try checkedErrno(file, "open \(path)")
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count <= limit {
            let got = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if got < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: got), "read \(path)")
            if got == 0 { return bytes }
            bytes += chunk[..<got]
        }
        throw HostingError(.operationFailed, "\(path) is larger than \(limit) bytes")
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8], _ attempt: String) throws(HostingError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if put < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: put), attempt)
            rest = rest.dropFirst(put)
        }
    }

    /// Replaces the file as a whole: either the old content is there or the new.
    static func replace(_ path: String, with bytes: [UInt8], _ durability: Durability) throws(HostingError) {
        let temporary = path + ".new"
        let file = try checkedErrno(open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600), "write \(path)")
        do {
            defer { close(file) }
            try write(file, bytes, "write \(path)")
            if durability == .disk { try checkedErrno(fsync(file), "write \(path)") }
        }
        try checkedErrno(rename(temporary, path), "replace \(path)")
        guard durability == .disk else { return }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let directory = try checkedErrno(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(folder)")
        defer { close(directory) }
        try checkedErrno(fsync(directory), "write \(folder)")
    }

    /// Removes the file; "already gone" is success.
    static func remove(_ path: String) throws(HostingError) {
        if unlink(path) != 0 && errno != ENOENT { try checked(-errno, "remove \(path)") }
    }

    /// Makes the folder and those above it.
    static func makeFolder(_ path: String, mode: mode_t) throws(HostingError) {
        if mkdir(path, mode) == 0 {
            try checkedErrno(chmod(path, mode), "make \(path)")  // whatever the umask is
            return
        }
        switch errno {
        case EEXIST: return
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { fallthrough }
            try makeFolder(String(path[..<slash]), mode: 0o711)
            try makeFolder(path, mode: mode)
        default: try checked(-errno, "make \(path)")
        }
    }

    /// Names in a folder, without `.` and `..`; empty if there is no such folder.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder with everything in it, following no link and crossing no mount by name; gone is success.
    static func removeTree(_ path: String) throws(HostingError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        try checkedErrno(folder, "open \(path)")
        defer { close(folder) }
        try removeEntries(folder, path, depth: 0)
        if rmdir(path) != 0 && errno != ENOENT { try checked(-errno, "remove \(path)") }
    }

    private static func removeEntries(_ folder: Int32, _ path: String, depth: Int) throws(HostingError) {
        guard depth < 64 else { throw HostingError(.operationFailed, "\(path) is nested too deeply to be removed") }
        for name in names("/proc/self/fd/\(folder)") {
            if unlinkat(folder, name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw failure(name, path) }
            let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else { throw failure(name, path) }
            defer { close(child) }
            try removeEntries(child, "\(path)/\(name)", depth: depth + 1)
            guard unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw failure(name, path) }
        }
    }

    private static func failure(_ name: String, _ path: String) -> HostingError {
        HostingError(.operationFailed, "cannot remove \(path)/\(name): \(systemText(errno))")
    }
}
