/// Why a node cannot start or go on.
public struct NodeError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case badConfiguration, unusable, locked, badIdentity, otherNetwork, registration
    }

    public let code: Code
    /// What happened, with the names involved.
    public let message: String
    /// What to do about it.
    public let hint: String?

    public init(_ code: Code, _ message: String, hint: String?) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
