import Glibc

/// Reads and writes the files of a package folder. Whatever reads is hostile content; every byte is read once.
enum PackageFolder {
    typealias File = (path: String, content: [UInt8])

    /// All files below `path`, in no particular order. Follows no link below it and opens nothing but regular files.
    /// - Throws: `badPackage` for links, devices, sockets, names that differ only in case, and what is too much.
    static func read(_ path: String) throws(HostingError) -> [File] {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw HostingError(
                .badPackage, "the package folder \(path) cannot be opened: \(systemText(errno))",
                hint: "give a folder that holds \(PackagePath.manifest), no link to one")
        }
        var reader = FolderReader()
        try reader.read(OwnedDescriptor(taking: descriptor), below: "")
        guard Set(reader.files.map { PackagePath.folded($0.path) }).count == reader.files.count else {
            throw HostingError(.badPackage, "the package has files whose names differ only in letter case")
        }
        return reader.files
    }

    /// Reads one file that nobody but the node's owner writes; nil if there is none.
    static func readFile(_ path: String, limit: Int) throws(HostingError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw HostingError(.unavailable, "\(path) cannot be opened: \(systemText(errno))")
        }
        return try FolderReader.content(OwnedDescriptor(taking: descriptor), path, limit: limit)
    }
}

private struct FolderReader {
    var files: [PackageFolder.File] = []
    private var remaining = PackageFileList.maximumBytes + PackageFileList.maximumText

    mutating func read(_ folder: OwnedDescriptor, below prefix: String) throws(HostingError) {
        for name in try Self.names(folder, prefix) {
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            guard PackagePath.isValid(path) else {
                throw HostingError(.badPackage, "a file below \"\(prefix)\" has a name that no package may have")
            }
            try Self.refuseSpecial(folder, name, path)
            // O_NONBLOCK: opening a pipe or a device must not wait. O_NOFOLLOW: a link is an error, wherever it leads.
            let descriptor = openat(folder.number, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
            guard descriptor >= 0 else {
                throw HostingError(.badPackage, "\(path) cannot be opened: \(systemText(errno))")
            }
            let file = OwnedDescriptor(taking: descriptor)
            switch try Self.status(file, path).st_mode & S_IFMT {
            case S_IFDIR: try read(file, below: path)
            default:
                guard files.count < PackageFileList.maximumFiles + 2 else {
                    throw HostingError(
                        .badPackage, "the package has more than \(PackageFileList.maximumFiles) files")
                }
                let content = try Self.content(file, path, limit: remaining)
                remaining -= content.count
                files.append((path, content))
            }
        }
    }

    /// Opening a device can already do something, so it is looked at first; the opened file is looked at again.
    private static func refuseSpecial(
        _ folder: OwnedDescriptor, _ name: String, _ path: String
    ) throws(HostingError) {
        var status = stat()
        guard fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw HostingError(.badPackage, "\(path) cannot be examined: \(systemText(errno))")
        }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFLNK else { throw HostingError(.badPackage, "\(path) is a symbolic link") }
        guard kind == S_IFREG || kind == S_IFDIR else {
            throw HostingError(.badPackage, "\(path) is no regular file")
        }
    }

    static func status(_ file: OwnedDescriptor, _ path: String) throws(HostingError) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else {
            throw HostingError(.badPackage, "\(path) cannot be examined: \(systemText(errno))")
        }
        return status
    }

    static func content(_ file: OwnedDescriptor, _ path: String, limit: Int) throws(HostingError) -> [UInt8] {
        let status = try status(file, path)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw HostingError(.badPackage, "\(path) is no regular file")
        }
        guard status.st_nlink == 1 else { throw HostingError(.badPackage, "\(path) has hard links") }
        guard status.st_size <= limit else {
            throw HostingError(.badPackage, "\(path) brings the package over \(PackageFileList.maximumBytes) bytes")
        }
        let size = Int(status.st_size)
        var failure: Int32 = 0
        // One byte more than the file says it has: a file that grows while it is read is noticed.
        let content = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            while count < buffer.count {
                // SAFETY: reads at most up to the end of the buffer that the array lends.
                let got = Glibc.read(file.number, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard failure == 0, content.count == size else {
            throw HostingError(.badPackage, "\(path) cannot be read, or changed while it was read")
        }
        return content
    }

    private static func names(_ folder: OwnedDescriptor, _ prefix: String) throws(HostingError) -> [String] {
        // The stream takes over its descriptor; the folder's own stays open for `openat`.
        let copy = fcntl(folder.number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            throw HostingError(.badPackage, "the folder \"\(prefix)\" cannot be listed: \(systemText(errno))")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: readdir returns a record that is valid until the next call; its name ends with a zero byte.
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw HostingError(.badPackage, "a file below \"\(prefix)\" has a name that is not UTF-8")
            }
            if name == "." || name == ".." { continue }
            names.append(name)
            guard names.count <= PackageFileList.maximumFiles + 2 else {
                throw HostingError(.badPackage, "the package has more than \(PackageFileList.maximumFiles) files")
            }
        }
        return names
    }
}
