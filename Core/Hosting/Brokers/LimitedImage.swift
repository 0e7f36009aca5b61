import CHost
import Glibc

/// A directory of limited size: a preallocated ext4 image in the node's pool, mounted by a loop device.
///
/// The mount lives in the node's mount namespace, so that it outlives the core; the image outlives the machine. Everything
/// here blocks: for a thread of one's own.
struct LimitedImage: Sendable {
    /// Smaller ones leave ext4 no room for files.
    static let leastSize: UInt64 = 16 << 20
    private static let ext4Magic = 0xef53

    let image: String
    /// Where it is mounted.
    let target: String

    /// - Returns: whether it was made; one with a file system in it is kept, with what was written.
    func make(_ size: UInt64, by program: String) throws(HostingError) -> Bool {
        if access(image, F_OK) == 0 { return false }
        let temporary = image + ".new"
        try SmallFile.remove(temporary)
        let file = OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600), "make \(image)"))
        do throws(HostingError) {
            try checked(zos_fallocate(file.number, 0, 0, size), "reserve \(size) bytes for \(image)")
            try Program.run(
                program,
                ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", temporary])
            try checkedErrno(fsync(file.number), "write \(image)")
            try checkedErrno(rename(temporary, image), "make \(image)")
        } catch {
            try SmallFile.remove(temporary)
            throw error
        }
        return true
    }

    /// Mounts it unless it is.
    func mount() throws(HostingError) {
        try SmallFile.makeFolder(target, mode: 0o700)
        if isMounted { return }
        let file = OwnedDescriptor(
            taking: try checkedErrno(Glibc.open(image, O_RDWR | O_CLOEXEC | O_NOFOLLOW), "open \(image)"))
        var number: Int32 = -1
        let device = OwnedDescriptor(
            taking: try checked(zos_loop_attach(file.number, &number), "attach a loop device to \(image)"))
        defer { withExtendedLifetime(device) {} }
        let flags: UInt64 = 0x2 | 0x4 | 0x400  // nosuid, nodev, noatime
        try checked(zos_mount("/dev/loop\(number)", target, "ext4", flags, nil), "mount \(image)")
    }

    var isMounted: Bool { zos_fs_type(target) == Self.ext4Magic && Self.isMountPoint(target) }

    /// The folder may itself lie on ext4: a mount has another device.
    private static func isMountPoint(_ path: String) -> Bool {
        var own = stat()
        var above = stat()
        return stat(path, &own) == 0 && stat(path + "/..", &above) == 0 && own.st_dev != above.st_dev
    }

    /// Bytes of the image; nil if there is none.
    func size() throws(HostingError) -> UInt64? {
        var facts = stat()
        guard lstat(image, &facts) == 0 else {
            guard errno == ENOENT else { throw HostingError(.operationFailed, "cannot look at \(image)") }
            return nil
        }
        return UInt64(exactly: facts.st_size)
    }

    /// Makes it larger: while it is mounted, or without CAP_SYS_RESOURCE if nobody holds it. A crash in between leaves a
    /// larger image with the old limit: call it again.
    /// - Throws: `unavailable` if the pool is full, or if it is in use and may not be; then nothing has changed.
    func grow(from current: UInt64, to size: UInt64) throws(HostingError) {
        let resource: UInt64 = 24
        guard zos_capabilities() >> resource & 1 == 0 else {
            try mount()
            try extend(from: current, to: size)
            let folder = OwnedDescriptor(
                taking: try checkedErrno(Glibc.open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(target)"))
            try checked(zos_loop_grow(folder.number), "grow \(target)")
            return
        }
        let result: Result<Void, HostingError>
        do throws(HostingError) {
            try Self.unmount(target)
            try waitUntilUnused()
            try extend(from: current, to: size)
            // Forced: it was unmounted in order, and would ask to be checked for having been mounted at all.
            try Program.run("/sbin/resize2fs", ["-f", image])
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try mount()
        try result.get()
    }

    private func extend(from current: UInt64, to size: UInt64) throws(HostingError) {
        let file = OwnedDescriptor(
            taking: try checkedErrno(Glibc.open(image, O_RDWR | O_CLOEXEC | O_NOFOLLOW), "open \(image)"))
        let result = zos_fallocate(file.number, 0, 0, size)
        if result < 0, let old = Int(exactly: current) { ftruncate(file.number, old) }
        try checked(result, "reserve \(size) bytes for \(image)")
        try checkedErrno(fsync(file.number), "write \(image)")
    }

    /// Its loop device lets go a moment after the last mount.
    private func waitUntilUnused() throws(HostingError) {
        for _ in 0..<200 {
            guard try isAttached() else { return }
            usleep(5000)
        }
        throw HostingError(
            .unavailable, "\(image) is in use, and this node may not resize what is",
            hint: "stop what uses it, or run the node with CAP_SYS_RESOURCE", isRetryable: true)
    }

    private func isAttached() throws(HostingError) -> Bool {
        var own = stat()
        try checkedErrno(stat(image, &own), "look at \(image)")
        for device in SmallFile.names("/sys/block") where device.hasPrefix("loop") {
            // Gone or free in the meantime is not attached.
            guard let text = try? SmallFile.read("/sys/block/\(device)/loop/backing_file") else { continue }
            let path = String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            var other = stat()
            guard stat(path, &other) == 0 else {
                // Seen from elsewhere it has another path: rather refuse too much.
                if path.split(separator: "/").last == image.split(separator: "/").last { return true }
                continue
            }
            if other.st_dev == own.st_dev && other.st_ino == own.st_ino { return true }
        }
        return false
    }

    /// Takes a mount away, wherever it was copied to; none is success.
    static func unmount(_ path: String) throws(HostingError) {
        while true {
            let result = zos_unmount(path, 0x2 | 0x8)  // MNT_DETACH, UMOUNT_NOFOLLOW
            if result == 0 { continue }
            guard result == -EINVAL || result == -ENOENT else { try checked(result, "unmount \(path)"); break }
            break
        }
        // Removing a mount point also takes the mount out of every other mount namespace that copied it.
        if rmdir(path) != 0 && errno != ENOENT { try checked(-errno, "remove \(path)") }
    }
}
