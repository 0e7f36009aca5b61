import JSON

/// Whether a plugin can work, and if not, why.
public enum Health: Sendable, Hashable {
    case healthy
    case unhealthy(String)

    var json: JSONValue {
        switch self {
        case .healthy: ["healthy": true, "message": ""]
        case .unhealthy(let reason): ["healthy": false, "message": .string(reason)]
        }
    }
}
