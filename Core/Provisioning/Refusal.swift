/// Why the engine did not accept a request. Nothing was stored.
public struct Refusal: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case invalid, notFound, exists, conflict, foreign, unverified, signature, contract, upgrade, capacity
        /// The ledger, a plugin or the disk cannot answer now. Trying again may help; nothing was judged.
        case unavailable
        case full
    }

    public let code: Code
    /// The text that the caller gets (docs/spec/deployment.md section 13).
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var isRetryable: Bool { code == .unavailable || code == .full }
    public var description: String { message }
}
