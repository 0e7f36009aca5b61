/// The ledger gave no answer. It never means that something does not exist: try again, or say so.
public struct LedgerUnavailable: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// No connection, or it broke.
        case unreachable
        /// The answer did not come in time.
        case timedOut
        /// The state of the block asked for is no longer kept.
        case pruned
        /// The answer makes no sense.
        case malformed
        /// The ledger's own storage failed.
        case storage
    }

    public let reason: Reason
    public let message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    public var description: String { message }
}
