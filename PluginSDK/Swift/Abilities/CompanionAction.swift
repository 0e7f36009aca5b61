import JSON

/// What the node does after a companion ended.
public enum CompanionAction: Sendable, Hashable {
    case none
    /// The node provisions the workload again.
    case restart
    /// The workload has failed, with this text for the user.
    case fail(String)

    var json: JSONValue {
        switch self {
        case .none: ["action": "none"]
        case .restart: ["action": "restart"]
        case .fail(let message): ["action": "fail", "message": .string(message)]
        }
    }
}
