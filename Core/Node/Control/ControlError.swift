import JSON

/// A refusal on the operator's control socket.
public struct ControlError: Error, Sendable, CustomStringConvertible {
    /// Stable, for programs: `bad_request`, `unknown_command`, or the code of whatever refused.
    public let code: String
    public let message: String
    public let hint: String?

    public init(_ code: String, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }

    var json: JSONValue {
        [
            "error": [
                "code": .string(code), "message": .string(message), "hint": hint.map { .string($0) } ?? .null,
            ]
        ]
    }

    init(_ json: JSONValue) {
        self.init(
            json["code"]?.stringValue ?? "failed", json["message"]?.stringValue ?? "the node gave no reason",
            hint: json["hint"]?.stringValue)
    }
}
