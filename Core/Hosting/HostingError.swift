/// Why hosting a plugin failed.
public struct HostingError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case badManifest, badPackage, badSignature, untrusted, downgrade, incompatibleABI, typeConflict, unknownType
        case sandboxUnavailable, startFailed, notRunning, deadlineExceeded, protocolViolation, sandboxViolation
        case operationFailed, invalid, unsupported, denied, unavailable
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
}
