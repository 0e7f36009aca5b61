import JSON

/// What the doctor found out about one thing that a node needs or could use.
public struct Finding: Sendable, Hashable {
    public enum Verdict: String, Sendable {
        case good
        /// The node works, less well.
        case warning
        /// The node, or some plugin, does not work.
        case missing
    }

    public let subject: String
    public let verdict: Verdict
    public let detail: String
    /// What to do about it.
    public let hint: String?

    public init(_ subject: String, _ verdict: Verdict, _ detail: String, hint: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.detail = detail
        self.hint = hint
    }

    var json: JSONValue {
        [
            "subject": .string(subject), "verdict": .string(verdict.rawValue), "detail": .string(detail),
            "hint": hint.map(JSONValue.string) ?? .null,
        ]
    }
}
