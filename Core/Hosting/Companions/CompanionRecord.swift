import JSON

/// What the core keeps about one instance of a companion.
struct CompanionRecord: Sendable, Hashable {
    enum Phase: String, Sendable { case starting, running, ended }

    static let version: Int64 = 1

    var plugin: String
    var companion: String
    var instance: String
    var workload: String?
    var phase: Phase
    /// Told by the shim: which of all that ever ran under this name it is.
    var nonce: String
    var user: UInt32
    var process: Int32 = 0
    /// Clock ticks since boot; with the boot id it says which process had that number.
    var startTime: UInt64 = 0
    var boot: String
    /// Workloads whose exports it holds.
    var holds: [String] = []
    var exit: CompanionExit?
    /// Bytes of output that are kept.
    var output: UInt64 = 8 << 20
    var restart = CompanionRestart.never
    var history = RestartHistory()
    /// A restart is due.
    var isDue = false
    /// The slots' values, for a restart; kept only if the node restarts it.
    var slots: JSONValue = .null

    var json: JSONValue {
        [
            "version": .number(JSONNumber(Self.version)), "plugin": .string(plugin), "companion": .string(companion),
            "instance": .string(instance), "workload": workload.map(JSONValue.string) ?? .null,
            "phase": .string(phase.rawValue), "nonce": .string(nonce), "user": .number(JSONNumber(user)),
            "process": .number(JSONNumber(process)), "start": .number(JSONNumber(startTime)), "boot": .string(boot),
            "holds": .array(holds.map(JSONValue.string)), "exit": exit?.json ?? .null,
            "output": .number(JSONNumber(output)), "restart": restart.json,
            "ends": .array(history.ends.map { .number(JSONNumber($0)) }), "due": .bool(isDue), "slots": slots,
        ]
    }
}

extension CompanionRecord {
    /// - Throws: `operationFailed`: the record was written by something else.
    init(parsing bytes: [UInt8]) throws(HostingError) {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw HostingError(.operationFailed, "a companion's record is no JSON: \(error)")
        }
        guard value["version"]?.int64Value == Self.version, let plugin = value["plugin"]?.stringValue,
            let companion = value["companion"]?.stringValue, let instance = value["instance"]?.stringValue,
            let phase = value["phase"]?.stringValue.flatMap(Phase.init), let nonce = value["nonce"]?.stringValue,
            let user = value["user"]?.uint64Value.flatMap(UInt32.init(exactly:)),
            let process = value["process"]?.int64Value.flatMap(Int32.init(exactly:)),
            let start = value["start"]?.uint64Value, let boot = value["boot"]?.stringValue
        else { throw HostingError(.operationFailed, "a companion's record lacks members or is of another version") }
        self.init(
            plugin: plugin, companion: companion, instance: instance, workload: value["workload"]?.stringValue,
            phase: phase, nonce: nonce, user: user, process: process, startTime: start, boot: boot,
            holds: (value["holds"]?.arrayValue ?? []).compactMap(\.stringValue),
            exit: value["exit"].flatMap { CompanionExit(parsing: $0) },
            output: value["output"]?.uint64Value ?? 8 << 20,
            restart: try value["restart"].map { value throws(HostingError) in
                try CompanionRestart(parsing: value, "restart")
            } ?? .never,
            history: RestartHistory(ends: (value["ends"]?.arrayValue ?? []).compactMap(\.int64Value)),
            isDue: value["due"]?.boolValue ?? false, slots: value["slots"] ?? .null)
    }
}
