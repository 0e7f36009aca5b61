import CHost
import Glibc

extension CompanionRunner {
    /// Says how the slots of an instance are filled when the node itself starts it again.
    nonisolated func restartBy(_ relauncher: @escaping Relauncher) { self.relauncher.withLock { $0 = relauncher } }

    /// Under the gate: decides what follows an end that nobody asked for, and writes it down.
    /// - Returns: the exit, with what is done about it.
    func settle(_ identity: CompanionIdentity, _ exit: CompanionExit) async throws -> CompanionExit {
        let folder = folder(identity)
        let scheduled = scheduled
        return try await OwnThread.run {
            var exit = exit
            guard var record = try folder.record() else { return exit }
            switch record.history.next(record.restart, hasFailed: exit.code != 0, at: Self.secondsSinceBoot()) {
            case .none: exit.taken = .nothing
            case .giveUp: exit.taken = .gaveUp
            case .restart(let pause, let attempt):
                exit.taken = .restart(after: pause, attempt: attempt)
                record.isDue = true
                scheduled.yield((identity, pause))
            }
            try folder.write(record)
            return exit
        }
    }

    static func secondsSinceBoot() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Starts what is due, until the task is cancelled.
    func restartWhatIsDue() async {
        await withDiscardingTaskGroup { group in
            for await (identity, pause) in due {
                group.addTask {
                    // Cancelled, it stays due for the next core.
                    guard (try? await Task.sleep(for: pause)) != nil else { return }
                    await self.restart(identity)
                }
            }
        }
    }

    private func restart(_ identity: CompanionIdentity) async {
        let folder = folder(identity)
        do {
            let failed = try await gate.holding(identity.key) { () -> CompanionExit? in
                guard let record = try folder.record(), record.isDue, await self.running[identity] == nil else {
                    return nil
                }
                do {
                    guard let relauncher = self.relauncher.withLock({ $0 }) else {
                        throw HostingError(.unavailable, "nobody fills its slots", isRetryable: true)
                    }
                    _ = try await self.launch(try await relauncher(record))
                    self.log.notice("companion started again", metadata: ["instance": "\(identity.key)"])
                    return nil
                } catch {
                    self.log.warning(
                        "companion not started again", metadata: ["instance": "\(identity.key)", "error": "\(error)"])
                    // Not starting counts like ending.
                    try folder.write(Self.settled(record))
                    return try await self.settle(
                        identity, CompanionExit(record, status: nil, uptime: .zero, output: "\(error)"))
                }
            }
            if let failed, failed.taken == .gaveUp { tell(failed) }
        } catch {
            log.error("companion not restarted", metadata: ["instance": "\(identity.key)", "error": "\(error)"])
        }
    }

    /// Under the gate: no restart is due any more.
    func cancelRestart(_ identity: CompanionIdentity) throws {
        guard let record = try folder(identity).record(), record.isDue else { return }
        try folder(identity).write(Self.settled(record))
    }

    private static func settled(_ record: CompanionRecord) -> CompanionRecord {
        var record = record
        record.isDue = false
        // Also after a start that was cut short: it does not run.
        record.phase = .ended
        return record
    }
}
