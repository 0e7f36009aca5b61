import JSON

/// How a companion is doing.
public struct CompanionStatus: Sendable, Hashable {
    public let isRunning: Bool
    public let pid: Int?
    public let uptime: Duration
    /// The end of what it printed.
    public let output: String

    public init(isRunning: Bool, pid: Int? = nil, uptime: Duration = .zero, output: String = "") {
        self.isRunning = isRunning
        self.pid = pid
        self.uptime = uptime
        self.output = output
    }

    init(_ json: JSONValue) throws {
        guard let running = json["running"]?.boolValue else {
            throw PluginError.failed("the node's answer to companion.status lacks \"running\"")
        }
        let seconds = json["uptime"]?.numberValue?.double ?? 0
        self.init(
            isRunning: running, pid: json["pid"]?.intValue, uptime: .seconds(min(max(seconds, 0), 1e9)),
            output: json["output"]?.stringValue ?? "")
    }
}
