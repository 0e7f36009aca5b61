import Glibc
import PluginSDK

/// The disks of a pool: one preallocated file per workload in `vdisks`. Every call blocks.
struct DiskFolder: Sendable {
    /// Where disks lie below the pool's folder.
    static let name = "vdisks"
    private let folder: Descriptor

    /// Opens the folder, and makes it if need be: 0700.
    init(in pool: Folder) throws {
        if mkdirat(pool.descriptor, Self.name, 0o700) != 0, errno != EEXIST {
            throw DiskFolder.failure("make \(Self.name)")
        }
        let descriptor = openat(pool.descriptor, Self.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskFolder.failure("open \(Self.name)") }
        folder = Descriptor(taking: descriptor)
    }

    /// The size of a disk in bytes, nil if there is none. Anything but a regular file is an error, never followed.
    func size(of name: String) throws -> UInt64? {
        var status = stat()
        guard fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw DiskFolder.failure("look at disk \(name)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PluginError.failed("\(Self.name)/\(name) is no regular file; somebody has put it there")
        }
        return UInt64(clamping: status.st_size)
    }

    /// Makes an empty disk; exists already is an error.
    func create(_ name: String) throws {
        let disk = try open(name, O_RDWR | O_CREAT | O_EXCL)
        try disableCopyOnWrite(disk, name)
    }

    /// Gives the disk real blocks up to `size` bytes, keeping what it holds, and makes that durable.
    /// Returns false, with nothing changed, if the pool has no room.
    func allocate(_ name: String, size: UInt64) throws -> Bool {
        guard let length = off_t(exactly: size) else { return false }
        let disk = try open(name, O_RDWR)
        var before = stat()
        guard fstat(disk.number, &before) == 0 else { throw DiskFolder.failure("look at disk \(name)") }
        let code = posix_fallocate(disk.number, 0, length)
        guard code == 0 else {
            // What was allocated before the pool was full goes back.
            guard ftruncate(disk.number, before.st_size) == 0 else { throw DiskFolder.failure("cut back disk \(name)") }
            if code == ENOSPC || code == EFBIG || code == EDQUOT { return false }
            throw DiskFolder.failure("allocate disk \(name)", code)
        }
        guard fsync(disk.number) == 0, fsync(folder.number) == 0 else {
            throw DiskFolder.failure("write disk \(name) to stable storage")
        }
        return true
    }

    /// Removes a disk; one that is gone is fine.
    func remove(_ name: String) throws {
        guard unlinkat(folder.number, name, 0) == 0 || errno == ENOENT else {
            throw DiskFolder.failure("remove disk \(name)")
        }
        guard fsync(folder.number) == 0 else { throw DiskFolder.failure("write \(Self.name) to stable storage") }
    }

    private func open(_ name: String, _ flags: Int32) throws -> Descriptor {
        let descriptor = openat(folder.number, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFolder.failure("open disk \(name)") }
        return Descriptor(taking: descriptor)
    }

    /// btrfs would copy every written block elsewhere and break the promise of allocated space; it takes the flag only
    /// while the file is empty. Other file systems have no such flag and say so.
    private func disableCopyOnWrite(_ disk: Descriptor, _ name: String) throws {
        let (getFlags, setFlags, noCopyOnWrite): (UInt, UInt, CLong) = (0x8008_6601, 0x4008_6602, 0x0080_0000)
        var flags: CLong = 0
        if ioctl(disk.number, getFlags, &flags) == 0 {
            flags |= noCopyOnWrite
            if ioctl(disk.number, setFlags, &flags) == 0 { return }
        }
        guard errno == ENOTTY || errno == EOPNOTSUPP || errno == EINVAL else {
            throw DiskFolder.failure("set flags of disk \(name)")
        }
    }

    private static func failure(_ what: String, _ code: Int32 = errno) -> PluginError {
        .failed("cannot \(what): \(String(cString: strerror(code)))")
    }
}
