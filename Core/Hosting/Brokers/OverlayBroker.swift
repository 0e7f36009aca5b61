import CHost
import Glibc
import JSON

/// Writable views of root contents, with a layer of limited size: a preallocated ext4 image in the node's pool.
///
/// The mounts live in the node's mount namespace, so that they outlive the core; the image outlives the machine.
struct OverlayBroker {
    let room: BrokerRoom
    private static let entitlement = "roots"
    private static let overlayMagic = 0x794c_7630

    private struct Paths: Sendable {
        let image: String
        let folder: String
        var disk: LimitedImage { LimitedImage(image: image, target: layer) }
        var layer: String { folder + "/layer" }
        var merged: String { folder + "/merged" }
        /// Where the content is while the overlay is made.
        var content: String { folder + "/content" }
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
        guard let size = call.request["size"]?.uint64Value, size >= LimitedImage.leastSize, size <= UInt64(Int64.max)
        else {
            throw HostingError(.invalid, "size has to be at least \(LimitedImage.leastSize) bytes")
        }
        let paths = try paths(name)
        let configuration = room.configuration
        let broker = RootBroker(room: room)
        // Of what lies below the node's own folders files have other owners on disk.
        let (root, exact) = try await broker.content(url, for: call)
        let owner = exact.utf8.contains(UInt8(ascii: "#")) ? configuration.images?.firstOwner : nil
        let record = ObjectRecord(
            kind: .overlay, name: name, plugin: call.plugin, workload: call.workload,
            parameters: ["root": .string(exact), "size": .number(JSONNumber(size))])
        let created = try await room.create(record, undo: { try Self.remove(paths) }) {
            if Self.isMounted(paths.merged) { return false }
            let isNew = try paths.disk.make(size, by: configuration.makeFileSystem)
            try SmallFile.makeFolder(paths.merged, mode: 0o700)
            try paths.disk.mount()
            try Self.mountOverlay(root, owner, paths)
            return isNew
        }
        return HostAnswer(["created": .bool(created)])
    }

    private static func isMounted(_ path: String) -> Bool { zos_fs_type(path) == overlayMagic }

    private static func mountOverlay(
        _ root: OwnedDescriptor, _ owner: UInt32?, _ paths: Paths
    ) throws(HostingError) {
        try SmallFile.makeFolder(paths.layer + "/rw", mode: 0o755)
        try SmallFile.makeFolder(paths.layer + "/wd", mode: 0o700)
        // By number, so that what was checked is what is mounted.
        var lower = "/proc/self/fd/\(root.number)"
        if let owner {
            try mountMapped(root, owner, at: paths.content)
            lower = paths.content
        }
        defer { if owner != nil { try? LimitedImage.unmount(paths.content) } }  // the overlay has a copy of its own
        let options = "lowerdir=\(lower),upperdir=\(paths.layer)/rw,workdir=\(paths.layer)/wd"
        try checked(
            zos_mount("overlay", paths.merged, "overlay", 0x4 | 0x400, options), "mount the overlay \(paths.merged)")
        withExtendedLifetime(root) {}
    }

    /// Shows a root whose files belong to ids of an unpacker with the owners that they have in the machine.
    private static func mountMapped(_ root: OwnedDescriptor, _ owner: UInt32, at path: String) throws(HostingError) {
        try LimitedImage.unmount(path)  // of a node that was killed here
        try SmallFile.makeFolder(path, mode: 0o700)
        let namespace = OwnedDescriptor(
            taking: try checked(zos_userns_map(owner, 0, UIDAllocator.rangeLength), "make a map of owners"))
        let mount = OwnedDescriptor(
            taking: try checked(zos_open_tree(root.number, "", 1, 0), "copy the mount of a root"))
        let readOnlyWithoutDevices: UInt64 = 1 | 4
        try checked(zos_mount_restrict(mount.number, readOnlyWithoutDevices), "restrict the mount of a root")
        try checked(
            zos_mount_map_ids(mount.number, namespace.number),
            "map the owners of a root, which this file system or kernel may lack")
        try checked(zos_move_mount(mount.number, AT_FDCWD, path), "mount a root")
    }

    func open(_ record: ObjectRecord) throws(HostingError) -> OwnedDescriptor {
        let paths = try paths(record.name)
        guard Self.isMounted(paths.merged) else {
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
        for path in [paths.content, paths.merged, paths.layer] { try LimitedImage.unmount(path) }
        if rmdir(paths.folder) != 0 && errno != ENOENT { try checked(-errno, "remove \(paths.folder)") }
        try SmallFile.remove(paths.image)
    }
}
