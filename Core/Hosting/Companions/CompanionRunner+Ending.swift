import CHost
import Glibc

extension CompanionRunner {
    /// Under the gate: collects status and output of an instance that has ended, and clears away what is left of it.
    /// Nil if the instance is not known to run or is already dealt with.
    func finish(_ identity: CompanionIdentity) async throws -> CompanionExit? {
        guard let entry = running[identity], Self.hasEnded(entry.handle) else { return nil }
        forget(identity)
        let folder = folder(identity)
        let cgroup = cgroup(identity)
        return try await OwnThread.run {
            let (status, uptime) = Self.status(entry, folder)
            let exit = CompanionExit(
                entry.record, status: status, uptime: uptime, output: Self.tail(entry.output))
            var record = entry.record
            record.phase = .ended
            record.exit = exit
            try folder.write(record)
            try? Self.connection(folder).forget()  // a shim that is gone needs no acknowledgement
            if let shim = entry.shim { CompanionStarter.reap(shim) }
            try cgroup.kill()
            try cgroup.remove()
            return exit
        }
    }

    private static func connection(_ folder: CompanionFolder) throws(HostingError) -> ShimConnection {
        let shim = try folder.openShim()
        return try ShimConnection(folder: shim.number)
    }

    /// From the shim, else from what it wrote, else from the kernel, else unknown.
    static func status(_ entry: Running, _ folder: CompanionFolder) -> (Int32?, Duration) {
        if let connection = try? connection(folder), var report = try? connection.query(timeout: .seconds(2)),
            report.nonce.utf8.elementsEqual(entry.record.nonce.utf8)
        {
            // It has ended, but the shim may be about to hear of it.
            if report.state == UInt32(ZOS_SHIM_RUNNING), let next = try? connection.receive(timeout: .seconds(2)) {
                report = next
            }
            if report.state == UInt32(ZOS_SHIM_EXITED) { return (report.status, report.uptime) }
        }
        if let written = try? folder.status(nonce: entry.record.nonce) { return written }
        var status: Int32 = 0
        let uptime = age(entry.record)
        // Nobody but whoever inherits the process can reap it; that takes a moment.
        for _ in 0..<200 {
            let result = zos_pidfd_status(entry.handle.number, &status)
            if result == 1 { return (status, uptime) }
            if result < 0 { break }
            usleep(10_000)
        }
        return (nil, uptime)
    }

    /// Time since the process was started.
    static func age(_ record: CompanionRecord) -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let ticks = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let started = Int64(clamping: record.startTime) / ticks
        return .seconds(max(0, Int64(now.tv_sec) - started))
    }

    /// Ends an instance: the signal, `grace` to follow it, then SIGKILL to its whole control group.
    /// "Does not run" is success.
    func stop(_ identity: CompanionIdentity, signal: Int32, grace: Duration, workload: String?) async throws {
        try await gate.holding(identity.key) {
            guard let entry = await self.running[identity] else {
                if let record = try self.folder(identity).record() { try Self.check(record, workload) }
                return try await self.cancelRestart(identity)
            }
            try Self.check(entry.record, workload)
            await self.expectEnd(identity)
            try await self.end(entry, identity, signal: signal, grace: grace)
        }
    }

    private func end(
        _ entry: Running, _ identity: CompanionIdentity, signal: Int32, grace: Duration
    ) async throws {
        let cgroup = cgroup(identity)
        try await OwnThread.run {
            zos_pidfd_signal(entry.handle.number, signal)
            if Self.waitEnd(entry.handle, grace) { return }
            try cgroup.kill()
            guard Self.waitEnd(entry.handle, .seconds(5)) else {
                throw HostingError(.deadlineExceeded, "\(identity.key) does not end", isRetryable: true)
            }
        }
        _ = try await finish(identity)
    }

    static func check(_ record: CompanionRecord, _ workload: String?) throws(HostingError) {
        // Calls without a workload are the plugin's own business, such as its start.
        guard workload == nil || record.workload == nil || record.workload == workload else {
            throw HostingError(.denied, "instance \(record.instance) belongs to another workload")
        }
    }

    /// Stops the instance and removes its folder; gone is success.
    func delete(_ identity: CompanionIdentity, workload: String?) async throws {
        try await gate.holding(identity.key) {
            let folder = self.folder(identity)
            let cgroup = self.cgroup(identity)
            if let record = try folder.record() { try Self.check(record, workload) }
            if let entry = await self.running[identity] {
                await self.expectEnd(identity)
                try await self.end(entry, identity, signal: SIGTERM, grace: .seconds(2))
            }
            try await OwnThread.run {
                try cgroup.kill()
                try cgroup.remove()
                try folder.remove()
            }
        }
    }

    /// Starts the instance and waits for its end; then it is deleted.
    /// - Throws: `deadlineExceeded` after `timeout`; everything of it has been killed.
    func runToEnd(_ launch: CompanionLaunch, timeout: Duration) async throws -> CompanionExit {
        try await gate.holding(launch.identity.key) {
            guard await self.running[launch.identity] == nil else {
                throw HostingError(.invalid, "instance \(launch.identity.instance) runs already")
            }
            let folder = self.folder(launch.identity)
            let entry: Running
            do { entry = try await self.launch(launch) } catch {
                try await OwnThread.run { try folder.remove() }
                throw error
            }
            await self.expectEnd(launch.identity)
            let hasEnded = try await OwnThread.run { Self.waitEnd(entry.handle, timeout) }
            if !hasEnded { try await self.end(entry, launch.identity, signal: SIGKILL, grace: .seconds(1)) }
            let exit = try await self.finish(launch.identity)
            try await OwnThread.run { try folder.remove() }
            guard hasEnded, let exit else {
                throw HostingError(
                    .deadlineExceeded,
                    "companion \(launch.specification.id) did not end within \(timeout)", isRetryable: true)
            }
            return exit
        }
    }
}
