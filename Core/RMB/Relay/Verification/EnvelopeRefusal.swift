/// Why an envelope was not taken in.
public struct EnvelopeRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reasons, each a label of the metric that counts refused envelopes.
    public enum Reason: String, Sendable, CaseIterable {
        /// No envelope at all, or one beyond a limit.
        case malformed
        /// Without source, and not the error of a relay that we wait for.
        case noSource = "no_source"
        /// For another twin or session.
        case wrongDestination = "wrong_destination"
        case expired
        case early
        /// A ping, a pong or no kind at all.
        case kind
        case command
        case schema
        case payload
        /// An answer that nobody asked this twin for.
        case unsolicited
        case unsigned
        case signature
        case unknownTwin = "unknown_twin"
        /// The ledger cannot be asked who the sender is.
        case unavailable
        case repeated
        case memoryFull = "memory_full"
        case rate
        case encryption
        /// Not encrypted, where the operator insists.
        case plain
    }

    public let reason: Reason
    public let message: String
    /// The code of the error that a request is answered with; nil for no answer (`docs/spec/rmb-relay.md` section 9).
    public let code: UInt32?

    init(_ reason: Reason, _ message: String, code: UInt32? = nil) {
        self.reason = reason
        self.message = message
        self.code = code
    }

    public var description: String { message }
}

extension EnvelopeRefusal {
    /// The codes that the grid knows.
    enum WireCode {
        static let validation: UInt32 = 102
        static let unknownTwin: UInt32 = 103
        static let signature: UInt32 = 104
        static let noEncryptionKey: UInt32 = 105
        static let encryption: UInt32 = 106
        static let other: UInt32 = 500
        /// What Go peers write for a failed call.
        static let failedCall: UInt32 = 0
    }
}
