import Substrate

/// Why a question to an endpoint has no result.
enum RPCError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The endpoint answered, with an error.
    case refused(RPCFailure)
    /// No connection, or it ended before the answer.
    case lost(String)
    /// The answer did not come in time.
    case late(String)
    /// What came makes no sense.
    case nonsense(String)
    /// Whoever asked is cancelled.
    case cancelled

    var description: String {
        switch self {
        case .refused(let failure): "the endpoint answered: \(failure)"
        case .lost(let reason), .late(let reason), .nonsense(let reason): reason
        case .cancelled: "the question was given up"
        }
    }
}
