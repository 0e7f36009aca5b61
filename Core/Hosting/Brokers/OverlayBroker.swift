import CHost
import Glibc
import JSON

/// Writable views of root contents, with a layer of limited size: a preallocated ext4 image in the node's pool.
///
/// The mounts live in the node's mount namespace, so that they outlive the core; the image outlives the machine.
struct OverlayBroker {
    let room: BrokerRoom
    private static let entitlement = "roots"
    /// Smaller ones leave ext4 no room for files.
    private static let leastSize: UInt64 = 16 << 20
    private static let overlayMagic = 0x794c_7630
    private static let ext4Magic = 0xef53

    private struct Paths: Sendable {
        let image: String
        let folder: String
        var layer: String { folder + "/layer" }
        var merged: String { folder + "/merged" }
    }

    private func paths(_ name: String) throws(HostingError) -> Paths {
        guard let pool = room.configuration.pool else {
            throw HostingError(.unsupported, "this node has no pool for overlays")
        }
        return Paths(image: "\(pool)/\(name).img", folder: "\(room.configuration.run)/overlays/\(name)")
    }

    private static func name(_ call: BrokerCall) throws(HostingError) -> String {
        let name = try call.text("name")
        guard CompanionText.isName(name) else {
            throw HostingError(.invalid, "name has to be a workload's id or like one")
        }
        return name
    }

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try Self.name(call)
        let url = try call.text("root")
        guard let size = call.request["size"]?.uint64Value, size >= Self.leastSize, size <= UInt64(Int64.max) else {
            throw HostingError(.invalid, "size has to be at least \(Self.leastSize) bytes")
        }
        let paths = try paths(name)
        let configuration = room.configuration
        let record = ObjectRecord(
            kind: .overlay, name: name, plugin: call.plugin, workload: call.workload,
            parameters: ["root": .string(url), "size": .number(JSONNumber(size))])
        let created = try await room.create(record, undo: { try Self.remove(paths) }) {
            if Self.isMounted(paths.merged, Self.overlayMagic) { return false }
            let root = try RootBroker.folder(url, configuration)
            let isNew = try Self.makeImage(paths.image, size, configuration.makeFileSystem)
            try SmallFile.makeFolder(paths.layer, mode: 0o700)
            try SmallFile.makeFolder(paths.merged, mode: 0o700)
            if !Self.isMounted(paths.layer, Self.ext4Magic) || Self.isOnSameMount(paths.layer, paths.folder) {
                try Self.mountImage(paths)
            }
            try Self.mountOverlay(root, paths)
            return isNew
        }
        return HostAnswer(["created": .bool(created)])
    }

    private static func isMounted(_ path: String, _ magic: Int) -> Bool {
        zos_fs_type(path) == magic
    }

    /// The folder may itself lie on ext4: a mount has another device.
    private static func isOnSameMount(_ path: String, _ parent: String) -> Bool {
        var own = stat()
        var above = stat()
        return stat(path, &own) == 0 && stat(parent, &above) == 0 && own.st_dev == above.st_dev
    }

    /// - Returns: whether it was made; one with a file system in it is kept, with what the machine wrote.
    private static func makeImage(_ path: String, _ size: UInt64, _ program: String) throws(HostingError) -> Bool {
        if access(path, F_OK) == 0 { return false }
        let temporary = path + ".new"
        try SmallFile.remove(temporary)
        let file = OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600), "make \(path)"))
        do throws(HostingError) {
            try checked(zos_fallocate(file.number, 0, 0, size), "reserve \(size) bytes for \(path)")
            try Program.run(
                program,
                ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", temporary])
            try checkedErrno(fsync(file.number), "write \(path)")
            try checkedErrno(rename(temporary, path), "make \(path)")
        } catch {
            try SmallFile.remove(temporary)
            throw error
        }
        return true
    }

    private static func mountImage(_ paths: Paths) throws(HostingError) {
        let file = OwnedDescriptor(
            taking: try checkedErrno(Glibc.open(paths.image, O_RDWR | O_CLOEXEC | O_NOFOLLOW), "open \(paths.image)"))
        var number: Int32 = -1
        let device = OwnedDescriptor(
            taking: try checked(zos_loop_attach(file.number, &number), "attach a loop device to \(paths.image)"))
        defer { withExtendedLifetime(device) {} }
        let flags: UInt64 = 0x2 | 0x4 | 0x400  // nosuid, nodev, noatime
        try checked(zos_mount("/dev/loop\(number)", paths.layer, "ext4", flags, nil), "mount \(paths.image)")
    }

    private static func mountOverlay(_ root: OwnedDescriptor, _ paths: Paths) throws(HostingError) {
        try SmallFile.makeFolder(paths.layer + "/rw", mode: 0o755)
        try SmallFile.makeFolder(paths.layer + "/wd", mode: 0o700)
        // By number, so that what was checked is what is mounted.
        let options = "lowerdir=/proc/self/fd/\(root.number),upperdir=\(paths.layer)/rw,workdir=\(paths.layer)/wd"
        try checked(
            zos_mount("overlay", paths.merged, "overlay", 0x4 | 0x400, options), "mount the overlay \(paths.merged)")
        withExtendedLifetime(root) {}
    }

    func open(_ record: ObjectRecord) throws(HostingError) -> OwnedDescriptor {
        let paths = try paths(record.name)
        guard Self.isMounted(paths.merged, Self.overlayMagic) else {
            throw HostingError(.unavailable, "overlay \(record.name) is not mounted", isRetryable: true)
        }
        return OwnedDescriptor(
            taking: try checkedErrno(
                Glibc.open(paths.merged, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(paths.merged)"))
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        if let record = try room.ledger.find(.overlay, try Self.name(call), for: call) { try await remove(record) }
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        let paths = try paths(record.name)
        try await room.delete(record) { try Self.remove(paths) }
    }

    private static func remove(_ paths: Paths) throws(HostingError) {
        for path in [paths.merged, paths.layer] {
            while true {
                let result = zos_unmount(path, 0x2 | 0x8)  // MNT_DETACH, UMOUNT_NOFOLLOW
                if result == 0 { continue }
                guard result == -EINVAL || result == -ENOENT else { try checked(result, "unmount \(path)"); break }
                break
            }
            // Removing a mount point also takes the mount out of every other mount namespace that copied it.
            if rmdir(path) != 0 && errno != ENOENT { try checked(-errno, "remove \(path)") }
        }
        if rmdir(paths.folder) != 0 && errno != ENOENT { try checked(-errno, "remove \(paths.folder)") }
        try SmallFile.remove(paths.image)
    }
}
