import PluginSDK

/// Disks: preallocated files that machines get as block devices of exactly their size (docs/spec/workloads.md
/// section 4). What is on a disk is the machine's business.
public struct ZMountProvisioner: Provisioner, Initializing, Updating, Validating, Measuring {
    public init() {}

    /// Makes the folder of the disks before the first one: removing the last then leaves the pool as it was.
    public func initialize(_ workloads: [Workload<ZMount>], in context: Context) async throws {
        let pool = try context.folder("pool")
        try await offThread { _ = try DiskFolder(in: pool) }
    }

    public func validate(_ workload: Workload<ZMount>, in context: Context) throws {
        try context.check(workload.data.size != 0, "invalid size")
    }

    public func capacity(of data: ZMount) -> Capacity { Capacity(sru: data.size) }

    public func provision(_ workload: Workload<ZMount>, in context: Context) async throws -> Outcome<ZMountResult> {
        try validate(workload, in: context)
        let pool = try context.folder("pool")
        let (id, size) = (workload.id, workload.data.size)
        let existed = try await offThread { try Self.make(id, size: size, in: pool) }
        return existed && workload.wasReady ? .present : ready(workload)
    }

    public func update(_ workload: Workload<ZMount>, from previous: ZMount, in context: Context) async throws
        -> Outcome<ZMountResult>
    {
        try validate(workload, in: context)
        let pool = try context.folder("pool")
        let (id, size) = (workload.id, workload.data.size)
        guard let current = try await offThread({ try DiskFolder(in: pool).size(of: id) }) else {
            throw PluginError.failed("disk \(workload.name) is gone")
        }
        // A crash after the effect leaves the new size with the old record: that is done, not a shrink.
        guard size != current else { return size == previous.size ? .present : ready(workload) }
        guard size > current else { return .unchanged("not safe to shrink a disk") }
        guard try await context.exportHolders().isEmpty else {
            return .unchanged("disk is mounted, please delete the VM first")
        }
        guard try await offThread({ try DiskFolder(in: pool).allocate(id, size: size) }) else {
            return .unchanged("no enough free space to support new size")
        }
        return ready(workload)
    }

    public func deprovision(_ workload: Workload<ZMount>, in context: Context) async throws {
        let holders = try await context.exportHolders()
        guard holders.isEmpty else {
            throw PluginError.unavailable(
                "disk \(workload.name) is in use by \(holders.joined(separator: ", ")); remove that first")
        }
        let pool = try context.folder("pool")
        let id = workload.id
        try await offThread { try DiskFolder(in: pool).remove(id) }
    }

    private func ready(_ workload: Workload<ZMount>) -> Outcome<ZMountResult> {
        .ready(
            ZMountResult(volumeID: workload.id),
            exports: [.blockDevice(path: "\(DiskFolder.name)/\(workload.id)", size: workload.data.size)])
    }

    /// Returns whether the disk was there in full. A shorter one is what a crash left behind and is completed.
    private static func make(_ id: String, size: UInt64, in pool: Folder) throws -> Bool {
        let folder = try DiskFolder(in: pool)
        let existing = try folder.size(of: id)
        if existing == size { return true }
        if let existing, existing > size {
            throw PluginError.failed("a disk of \(existing) bytes exists where \(size) are asked for")
        }
        if existing == nil { try folder.create(id) }
        do {
            guard try folder.allocate(id, size: size) else {
                throw PluginError.failed("no enough free space for a disk of \(size) bytes")
            }
        } catch {
            if existing == nil { try folder.remove(id) }
            throw error
        }
        return false
    }
}
