import RMB

/// Why a client's call had no success.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The description or the deployment is wrong; nothing was sent.
        case invalid
        /// The node refused.
        case refused
        /// The node answered something that makes no sense.
        case badAnswer
        /// Node or ledger gave no answer.
        case unavailable
        /// The ledger refused.
        case ledger
        /// A workload ended in an error.
        case failed
        case timedOut
        case cancelled
    }

    public let code: Code
    /// What happened, with the names involved.
    public let message: String
    /// What to do about it.
    public let hint: String?
    public let isRetryable: Bool

    public init(_ code: Code, _ message: String, hint: String? = nil, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.hint = hint
        self.isRetryable = isRetryable
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }

    init(_ error: RMBError, command: String) {
        let code: Code =
            switch error.code {
            case .remote: .refused
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .badReply, .badSignature: .badAnswer
            default: .unavailable
            }
        // The node's own words stay as they are: people and programs look for them.
        let message = error.code == .remote ? error.message : "\(command): \(error.message)"
        self.init(code, message, isRetryable: error.isRetryable)
    }
}
