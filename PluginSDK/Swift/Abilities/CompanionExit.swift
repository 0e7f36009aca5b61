import JSON

/// A companion that ended by itself.
public struct CompanionExit: Sendable {
    /// The id in the manifest.
    public let companion: String
    public let instance: String
    /// The workload that it was started for; empty if for none.
    public let workload: String
    /// The exit code, if it ended by itself.
    public let code: Int?
    /// The signal that ended it.
    public let signal: Int?
    public let uptime: Duration
    /// The end of what it printed.
    public let output: String

    public init(
        companion: String, instance: String, workload: String, code: Int?, signal: Int?, uptime: Duration,
        output: String
    ) {
        self.companion = companion
        self.instance = instance
        self.workload = workload
        self.code = code
        self.signal = signal
        self.uptime = uptime
        self.output = output
    }

    init(_ json: JSONValue) throws {
        let seconds = json["uptime"]?.numberValue?.double ?? 0
        self.init(
            companion: try json.text("companion"), instance: try json.text("instance"),
            workload: json["workload"]?.stringValue ?? "", code: json["code"]?.intValue,
            signal: json["signal"]?.intValue, uptime: .seconds(min(max(seconds, 0), 1e9)),
            output: json["output"]?.stringValue ?? "")
    }
}
