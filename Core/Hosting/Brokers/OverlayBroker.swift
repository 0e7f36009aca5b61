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
        let record = ObjectRecord(
            kind: .overlay, name: name, plugin: call.plugin, workload: call.workload,
            parameters: ["root": .string(url), "size": .number(JSONNumber(size))])
        let created = try await room.create(record, undo: { try Self.remove(paths) }) {
            if Self.isMounted(paths.merged) { return false }
            let root = try RootBroker.folder(url, configuration)
            let isNew = try paths.disk.make(size, by: configuration.makeFileSystem)
            try SmallFile.makeFolder(paths.merged, mode: 0o700)
            try paths.disk.mount()
            try Self.mountOverlay(root, paths)
            return isNew
        }
        return HostAnswer(["created": .bool(created)])
    }

    private static func isMounted(_ path: String) -> Bool { zos_fs_type(path) == overlayMagic }

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
        for path in [paths.merged, paths.layer] { try LimitedImage.unmount(path) }
        if rmdir(paths.folder) != 0 && errno != ENOENT { try checked(-errno, "remove \(paths.folder)") }
        try SmallFile.remove(paths.image)
    }
}
