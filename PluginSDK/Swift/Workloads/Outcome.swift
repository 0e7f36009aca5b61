import JSON

/// How a provision or an update ended well (docs/spec/workloads.md section 1.2).
public enum Outcome<Result: Codable & Sendable>: Sendable {
    /// The host now matches the data.
    case ready(Result, state: VersionedState? = nil, exports: [Export] = [])
    /// It already did; the earlier result, state and exports stay valid.
    case present
    /// An update was refused and the old thing works untouched; the text says why.
    case unchanged(String)

    func json() throws -> JSONValue {
        switch self {
        case .present: return ["outcome": "present"]
        case .unchanged(let reason): return ["outcome": "unchanged", "message": .string(reason)]
        case .ready(let result, let state, let exports):
            var object: JSONObject = ["outcome": "ready", "result": try JSONValue(encoding: result)]
            object["state"] = state?.json
            object["exports"] = .array(exports.map(\.json))
            return .object(object)
        }
    }
}
