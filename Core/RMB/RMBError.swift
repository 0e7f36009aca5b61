/// Why a message was refused, could not be sent or was answered with an error.
public struct RMBError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case malformed, tooOld, tooEarly, unknownTwin, keyUnavailable, badSignature, badEnvelope, unknownCommand
        case tooLarge, tooMany, queueFull, encryption
        case unreachable, timedOut, remote, badReply, cancelled, configuration
    }

    public let code: Code
    /// What happened. For what the door refuses exactly the grid's text (`docs/spec/rmb-direct.md` sections 3 to 6).
    public let message: String
    /// Whether the same call may succeed later.
    public let isRetryable: Bool

    public init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
    }

    public var description: String { message }

    /// The HTTP status that the door answers with.
    public var status: UInt {
        switch code {
        case .keyUnavailable: 502
        case .tooLarge: 413
        case .tooMany: 429
        case .queueFull: 500
        default: 400
        }
    }
}
