/// Why a relay cannot be started.
public struct RelayError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable { case configuration, cannotListen, badCertificate }

    public let code: Code
    /// What is wrong, with the names involved.
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
