import JSON

/// When the node itself starts a companion again that ended without having been asked to.
public struct CompanionRestart: Sendable, Hashable {
    public enum When: String, Sendable {
        case never
        /// It ended by a signal or with a code other than 0.
        case onFailure = "on-failure"
        case always
    }

    public let when: When
    /// Restarts within `within` at most; one more end, and the node gives up.
    public let limit: Int
    public let within: Duration

    public static let never = CompanionRestart(when: .never, limit: 0, within: .zero)

    /// The longest pause before a restart; the first is one second, each next one twice as long.
    static let longestDelay: Int64 = 60

    init(when: When, limit: Int, within: Duration) {
        self.when = when
        self.limit = limit
        self.within = within
    }

    /// Reads `"on-failure"` or `{"when": "on-failure", "limit": 5, "within": 600}`.
    init(parsing value: JSONValue?, _ path: String) throws(HostingError) {
        guard let value else {
            self = .never
            return
        }
        let object: JSONValue = value.stringValue.map { ["when": .string($0)] } ?? value
        let reader = try ManifestObject(object, path, members: ["when", "limit", "within"])
        guard let when = When(rawValue: try reader.text("when")) else {
            throw reader.wrong("when", #""never", "on-failure" or "always""#)
        }
        self.when = when
        limit = Int(try reader.integer("limit", in: 1...100, default: 5))
        within = .seconds(Int64(try reader.integer("within", in: 10...86400, default: 600)))
    }

    var json: JSONValue {
        if when == .never { return "never" }
        return [
            "when": .string(when.rawValue), "limit": .number(JSONNumber(limit)),
            "within": .number(JSONNumber(within.components.seconds)),
        ]
    }
}

/// The earlier ends of an instance, by which the next restart is decided. Kept with the instance, over restarts of the node.
struct RestartHistory: Sendable, Hashable {
    enum Decision: Sendable, Hashable {
        case none
        case restart(after: Duration, attempt: Int)
        case giveUp
    }

    /// Seconds since the machine's start.
    private(set) var ends: [Int64] = []

    init(ends: [Int64] = []) { self.ends = ends }

    /// Notes an end and says what follows it.
    /// - Parameter now: seconds since the machine's start.
    mutating func next(_ rule: CompanionRestart, hasFailed: Bool, at now: Int64) -> Decision {
        switch rule.when {
        case .never: return .none
        case .onFailure where !hasFailed: return .none
        case .onFailure, .always: break
        }
        let since = now.subtractingReportingOverflow(rule.within.components.seconds).partialValue
        // What is dated after now is of another start of the machine.
        ends = ends.filter { $0 > since && $0 <= now } + [now]
        guard ends.count <= rule.limit else {
            ends = []
            return .giveUp
        }
        let seconds = min(CompanionRestart.longestDelay, 1 << Int64(min(ends.count - 1, 6)))
        return .restart(after: .seconds(seconds), attempt: ends.count)
    }
}
