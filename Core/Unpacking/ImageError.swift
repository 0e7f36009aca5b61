/// Why content that a client named cannot become a root file system.
public struct ImageError: Error, Sendable, Codable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable {
        /// The URL is wrong, or the content breaks a rule of its form.
        case invalid
        /// This node does not take that form.
        case unsupported
        /// The operator does not allow it.
        case denied
        /// A hash or a tag is not what it has to be.
        case corrupt
        /// More than a limit allows.
        case tooLarge
        /// Not now: a server, the network or space is missing.
        case unavailable
    }

    public let code: Code
    /// What happened, with the names involved.
    public let message: String
    /// What to do about it.
    public let hint: String?

    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}
