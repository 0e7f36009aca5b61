import CHost
import Glibc

extension CompanionRunner {
    /// What became of an instance while no core was there.
    private enum Finding: Sendable {
        case alive(CompanionStarter.Started)
        case ended(CompanionExit?)
        /// It ended, and a restart is due.
        case due
        case nothing
    }

    /// Takes over what an earlier core started. Call once, before anything else; ends that it finds go to `exits`.
    ///
    /// Never by number alone: the shim tells the nonce, and without a shim the process has to be in the instance's control
    /// group and to have started at the recorded time of this boot.
    /// - Returns: the instances that run.
    @discardableResult
    public func adopt() async throws -> [CompanionStatus] {
        // There from the start and not with the first companion: a node is after its last workload as it was before its first.
        try tree.make(configuration.cgroup)
        for identity in CompanionFolder.all(in: configuration.folder) {
            let folder = folder(identity)
            let cgroup = cgroup(identity)
            let boot = boot
            do {
                switch try await OwnThread.run({ try Self.find(folder, cgroup, boot) }) {
                case .alive(let started): watch(identity, started)
                case .ended(let exit): if let exit { tell(try await settle(identity, exit)) }
                case .due: scheduled.yield((identity, .seconds(1)))
                case .nothing: continue
                }
            } catch {
                // One broken record must not keep the node from finding the others.
                log.error("companion not adopted", metadata: ["instance": "\(identity.key)", "error": "\(error)"])
            }
        }
        return try await instances().filter(\.isRunning)
    }

    private static func find(
        _ folder: CompanionFolder, _ cgroup: Cgroup, _ boot: String
    ) throws -> Finding {
        guard var record = try folder.record() else { return .nothing }
        if record.phase != .ended, record.boot == boot, let started = try alive(record, folder, cgroup) {
            if record.phase == .starting { try folder.write(started.record) }
            return .alive(started)
        }
        guard record.phase != .ended else {
            try cgroup.kill()
            try cgroup.remove()
            return record.isDue && record.boot == boot ? .due : .nothing
        }
        // It ended while no core was there, or its start was cut short.
        let written = try folder.status(nonce: record.nonce)
        let exit = CompanionExit(
            record, status: written?.status, uptime: written?.uptime ?? .zero, output: "")
        let wasRunning = record.phase == .running
        record.phase = .ended
        record.exit = exit
        try folder.write(record)
        try cgroup.kill()
        try cgroup.remove()
        return .ended(wasRunning ? exit : nil)
    }

    private static func alive(
        _ record: CompanionRecord, _ folder: CompanionFolder, _ cgroup: Cgroup
    ) throws -> CompanionStarter.Started? {
        let shim = try folder.openShim()
        if let report = try? ShimConnection(folder: shim.number).query(timeout: .seconds(2)) {
            guard report.nonce.utf8.elementsEqual(record.nonce.utf8), let handle = report.handle,
                let output = report.output
            else { return nil }
            var record = record
            record.phase = .running
            record.process = report.process
            record.startTime = report.startTime
            return CompanionStarter.Started(record: record, handle: handle, output: output, shim: nil)
        }
        // The shim is gone: the control group is the truth, and the start time tells whose number it is.
        guard record.process > 0, try cgroup.processes().contains(record.process) else { return nil }
        let handle = zos_pidfd_open(record.process)
        guard handle >= 0 else { return nil }
        let owned = OwnedDescriptor(taking: handle)
        guard zos_start_time(record.process) == record.startTime,
            try cgroup.processes().contains(record.process)
        else { return nil }
        return CompanionStarter.Started(
            record: record, handle: owned, output: try output(ofProcess: record.process), shim: nil)
    }
}
