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
    /// What the node does about it by itself, by the manifest's `restart`.
    public let taken: Taken

    public enum Taken: Sendable, Hashable {
        case nothing
        case restart(after: Duration, attempt: Int)
        /// It ended too often lately.
        case gaveUp
    }

    public init(
        companion: String, instance: String, workload: String, code: Int?, signal: Int?, uptime: Duration,
        output: String, taken: Taken = .nothing
    ) {
        self.taken = taken
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
            output: json["output"]?.stringValue ?? "", taken: Taken(json["taken"] ?? [:]))
    }
}

extension CompanionExit.Taken {
    init(_ json: JSONValue) {
        switch json["action"]?.stringValue {
        case "gave-up"?: self = .gaveUp
        case "restart"?:
            self = .restart(
                after: .seconds(min(json["delay"]?.int64Value ?? 0, 3600)), attempt: json["attempt"]?.intValue ?? 1)
        default: self = .nothing
        }
    }
}
