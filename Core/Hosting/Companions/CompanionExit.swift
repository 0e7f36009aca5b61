import JSON

/// How an instance of a companion ended.
public struct CompanionExit: Sendable, Hashable {
    /// Bytes of output that are kept.
    static let outputLimit = 2048

    public let plugin: String
    public let companion: String
    public let instance: String
    public let workload: String?
    /// Nil if a signal ended it or nobody knows.
    public let code: Int32?
    public let signal: Int32?
    public let uptime: Duration
    /// The last 2 KiB of output and errors.
    public let output: String
    /// What the node did about it.
    public var taken = Taken.nothing

    public enum Taken: Sendable, Hashable {
        case nothing
        /// It is started again after the pause; the attempt-th time lately.
        case restart(after: Duration, attempt: Int)
        /// It ended too often to be started again.
        case gaveUp
    }

    /// As the plugin is told (docs/spec/plugin-protocol.md section 2).
    public var json: JSONValue {
        [
            "companion": .string(companion), "instance": .string(instance),
            "workload": workload.map(JSONValue.string) ?? .null,
            "code": code.map { .number(JSONNumber($0)) } ?? .null,
            "signal": signal.map { .number(JSONNumber($0)) } ?? .null,
            "uptime": .number(JSONNumber(uptime.components.seconds)), "output": .string(output),
            "plugin": .string(plugin), "taken": taken.json,
        ]
    }

    init?(parsing value: JSONValue) {
        guard let plugin = value["plugin"]?.stringValue, let companion = value["companion"]?.stringValue,
            let instance = value["instance"]?.stringValue
        else { return nil }
        self.plugin = plugin
        self.companion = companion
        self.instance = instance
        workload = value["workload"]?.stringValue
        code = value["code"]?.int64Value.flatMap(Int32.init(exactly:))
        signal = value["signal"]?.int64Value.flatMap(Int32.init(exactly:))
        uptime = .seconds(value["uptime"]?.int64Value ?? 0)
        output = value["output"]?.stringValue ?? ""
    }

    init(_ record: CompanionRecord, status: Int32?, uptime: Duration, output: String) {
        plugin = record.plugin
        companion = record.companion
        instance = record.instance
        workload = record.workload
        // As wait(2) packs it.
        code = status.flatMap { $0 & 0x7f == 0 ? ($0 >> 8) & 0xff : nil }
        signal = status.flatMap { $0 & 0x7f == 0 ? nil : $0 & 0x7f }
        self.uptime = uptime
        self.output = output
    }
}

extension CompanionExit.Taken {
    var json: JSONValue {
        switch self {
        case .nothing: ["action": "none"]
        case .gaveUp: ["action": "gave-up"]
        case .restart(let pause, let attempt):
            [
                "action": "restart", "delay": .number(JSONNumber(pause.components.seconds)),
                "attempt": .number(JSONNumber(attempt)),
            ]
        }
    }
}
