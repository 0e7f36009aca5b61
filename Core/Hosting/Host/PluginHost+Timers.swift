import JSON

extension PluginHost {
    /// Calls a plugin for one of its timers.
    /// - Returns: whether it was heard, with whatever outcome; false if it has to be called again.
    func fire(_ timer: TimerStore.Entry) async -> Bool {
        guard let plugin = plugin(named: timer.plugin) else { return false }
        var payload: JSONObject = [
            "timer": .string(timer.name), "due": .number(JSONNumber(timer.due)), "content": timer.content,
        ]
        if let workload = timer.workload {
            // Nobody has told the plugin of it yet.
            guard let subject = registry.subject(workload, of: timer.plugin) else { return false }
            payload["subject"] = subject.json
        }
        guard let ready = plugin.worker.status.ready else { return false }
        guard ready.has(.timer) else {
            log.warning("plugin hears no timers", metadata: ["plugin": "\(timer.plugin)", "timer": "\(timer.name)"])
            return true
        }
        do throws(HostingError) {
            _ = try await plugin.worker.request(.timer, payload: .object(payload))
        } catch {
            log.warning(
                "timer failed",
                metadata: ["plugin": "\(timer.plugin)", "timer": "\(timer.name)", "error": "\(error)"])
            return !error.isRetryable
        }
        return true
    }
}
