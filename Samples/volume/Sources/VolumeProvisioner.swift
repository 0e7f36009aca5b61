import PluginSDK

/// Volumes: directories of limited size. Machines mount them as they mount disks, and several may share one.
///
/// The node makes, limits and keeps the directory; this only says when, and hands it over as an export.
public struct VolumeProvisioner: Provisioner, Updating, Validating, Measuring {
    public init() {}

    public func validate(_ workload: Workload<Volume>, in context: Context) throws {
        try context.check(workload.data.size != 0, "invalid size")
    }

    public func capacity(of data: Volume) -> Capacity { Capacity(sru: data.size) }

    public func provision(_ workload: Workload<Volume>, in context: Context) async throws -> Outcome<VolumeResult> {
        try validate(workload, in: context)
        // After a reboot it is there, with what was written.
        let isNew = try await context.directories.create(workload.id, size: workload.data.size)
        return !isNew && workload.wasReady ? .present : ready(workload)
    }

    public func update(_ workload: Workload<Volume>, from previous: Volume, in context: Context) async throws
        -> Outcome<VolumeResult>
    {
        try validate(workload, in: context)
        let size = workload.data.size
        let current = try await context.directories.usage(workload.id).size
        // A crash after the effect leaves the new size with the old record: that is done, not a shrink.
        guard size >= current else { return .unchanged("not safe to shrink a volume") }
        do { try await context.directories.resize(workload.id, to: size) } catch let error as PluginError {
            guard error.status == .unavailable else { throw error }
            return .unchanged("no enough free space to support new size")
        }
        return ready(workload)
    }

    /// Throws while a machine has it mounted; the node asks again.
    public func deprovision(_ workload: Workload<Volume>, in context: Context) async throws {
        try await context.directories.delete(workload.id)
    }

    private func ready(_ workload: Workload<Volume>) -> Outcome<VolumeResult> {
        .ready(VolumeResult(id: workload.id), exports: [.directory(workload.id)])
    }
}
