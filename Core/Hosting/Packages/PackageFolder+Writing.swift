import Glibc

extension PackageFolder {
    /// Writes files below an empty folder, for everybody to read and nobody to write, and has all of it on disk.
    static func write(_ files: [File], below root: String) throws(HostingError) {
        var folders: Set<String> = [root]
        for file in files {
            let parts = file.path.split(separator: "/").dropLast()
            var folder = root
            for part in parts {
                folder += "/\(part)"
                guard folders.insert(folder).inserted else { continue }
                try checkedErrno(mkdir(folder, 0o755), "make \(folder)")
                try checkedErrno(chmod(folder, 0o755), "make \(folder)")  // Whatever the umask is.
            }
            try writeFile(file.content, at: "\(root)/\(file.path)")
        }
        for folder in folders { try syncFolder(folder) }
    }

    static func syncFolder(_ path: String) throws(HostingError) {
        let folder = OwnedDescriptor(
            taking: try checkedErrno(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(path)"))
        try checkedErrno(fsync(folder.number), "write \(path)")
    }

    private static func writeFile(_ content: [UInt8], at path: String) throws(HostingError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let file = OwnedDescriptor(taking: try checkedErrno(open(path, flags, 0o444), "write \(path)"))
        try SmallFile.write(file.number, content, "write \(path)")
        try checkedErrno(fchmod(file.number, 0o444), "write \(path)")
        try checkedErrno(fsync(file.number), "write \(path)")
    }
}
