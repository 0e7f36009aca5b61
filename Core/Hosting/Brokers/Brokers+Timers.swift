import Synchronization

extension Brokers {
    /// Calls plugins for their timers, until the task is cancelled. Timers are exact to about a second; those of one
    /// plugin are called one after the other, and never delay another plugin's.
    /// - Parameter host: what the plugins run in.
    public func runTimers(on host: PluginHost) async {
        await runTimers { await host.fire($0) }
    }

    func runTimers(_ fire: @escaping @Sendable (TimerStore.Entry) async -> Bool) async {
        let busy = BusyPlugins()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let due = Dictionary(grouping: room.timers.due(at: room.now()), by: \.plugin)
                for (plugin, entries) in due where busy.enter(plugin) {
                    group.addTask {
                        for entry in entries where !Task.isCancelled { await self.call(entry, fire) }
                        busy.leave(plugin)
                    }
                }
                try? await Task.sleep(for: .seconds(1))  // Cancellation shows in the loop's condition.
            }
        }
    }

    private func call(_ entry: TimerStore.Entry, _ fire: @Sendable (TimerStore.Entry) async -> Bool) async {
        guard await fire(entry) else { return room.timers.hold(entry, at: room.now()) }
        do { try room.timers.heard(entry, at: room.now()) } catch {
            // It is called again: timers are heard at least once.
            room.log.warning("timer not written down", metadata: ["timer": "\(entry.name)", "error": "\(error)"])
        }
    }
}

/// Plugins that are being called.
private final class BusyPlugins: Sendable {
    private let names = Mutex<Set<String>>([])
    func enter(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
    func leave(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
