import CHost
import Glibc

extension CompanionRunner {
    /// What is known of an instance; nil if it never ran or was deleted.
    func status(
        _ identity: CompanionIdentity, workload: String?, output limit: Int = CompanionExit.outputLimit
    ) async throws -> CompanionStatus? {
        let entry = running[identity]
        let folder = folder(identity)
        return try await OwnThread.run {
            guard let record = try entry?.record ?? folder.record() else { return nil }
            try Self.check(record, workload)
            let isRunning = entry.map { !Self.hasEnded($0.handle) } ?? false
            return CompanionStatus(
                plugin: record.plugin, companion: record.companion, instance: record.instance,
                workload: record.workload, isRunning: isRunning, process: isRunning ? record.process : 0,
                uptime: isRunning ? Self.age(record) : record.exit?.uptime ?? .zero,
                isDue: !isRunning && record.isDue,
                output: entry.map { Self.tail($0.output, limit) } ?? record.exit?.output ?? "")
        }
    }

    /// Workloads whose running companions hold what `workload` exports.
    func holders(of workload: String) -> [String] {
        let holders = running.values.filter { entry in
            !Self.hasEnded(entry.handle) && entry.record.holds.contains { $0.utf8.elementsEqual(workload.utf8) }
        }
        return Set(holders.compactMap(\.record.workload)).sorted()
    }

    /// Every instance that has a folder.
    public func instances() async throws -> [CompanionStatus] {
        var result: [CompanionStatus] = []
        for identity in CompanionFolder.all(in: configuration.folder) {
            if let status = try await status(identity, workload: nil) { result.append(status) }
        }
        return result
    }

    /// A non-blocking stream socket connected to one that the instance listens on now. Never blocks; needs no actor.
    /// - Throws: `unavailable` if nobody of the instance listens, `denied` if it is not the workload's.
    nonisolated func connectNow(
        _ identity: CompanionIdentity, socket name: String, workload: String
    ) throws(HostingError) -> OwnedDescriptor {
        let folder = folder(identity)
        guard CompanionText.isName(name), let record = try folder.record() else {
            throw HostingError(.notRunning, "instance \(identity.instance) does not run", isRetryable: true)
        }
        guard record.workload == workload else {
            throw HostingError(.denied, "instance \(identity.instance) belongs to another workload")
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let files = try folder.openFiles()
        let result = zos_socket_connect(files.number, name, type, Int64(record.user))
        withExtendedLifetime(files) {}
        guard result >= 0 else {
            throw HostingError(.unavailable, "cannot connect to \(name): \(systemText(-result))", isRetryable: true)
        }
        return OwnedDescriptor(taking: result)
    }

    /// A stream socket connected to one that the instance listens on; waits for it to appear.
    ///
    /// The folder belongs to the companion: no link is followed, and whoever listens has to be the instance's user.
    /// - Throws: `unavailable` if it does not appear in time, `notRunning`.
    func connect(
        _ identity: CompanionIdentity, socket name: String, timeout: Duration, workload: String?
    ) async throws -> OwnedDescriptor {
        guard CompanionText.isName(name) else {
            throw HostingError(.invalid, "a socket is called by a file name without folder")
        }
        guard let entry = running[identity] else {
            throw HostingError(.notRunning, "instance \(identity.instance) does not run", isRetryable: true)
        }
        try Self.check(entry.record, workload)
        let folder = folder(identity)
        return try await OwnThread.run {
            let files = try folder.openFiles()
            let deadline = ContinuousClock.now + timeout
            var pause: Duration = .milliseconds(1)
            while true {
                let result = zos_socket_connect(
                    files.number, name, Int32(SOCK_STREAM.rawValue), Int64(entry.record.user))
                if result >= 0 { return OwnedDescriptor(taking: result) }
                guard result == -ENOENT || result == -ECONNREFUSED else {
                    throw HostingError(.operationFailed, "cannot connect to \(name): \(systemText(-result))")
                }
                guard ContinuousClock.now < deadline else {
                    throw HostingError(
                        .unavailable, "instance \(identity.instance) does not listen on \(name)", isRetryable: true)
                }
                // Waits on the process, so that its end is noticed at once.
                if Self.waitEnd(entry.handle, pause) {
                    throw HostingError(
                        .notRunning, "instance \(identity.instance) ended: \(Self.tail(entry.output))",
                        isRetryable: true)
                }
                pause = min(pause * 2, .milliseconds(50))
            }
        }
    }
}
