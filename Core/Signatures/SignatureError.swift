/// Why a key, a secret text or a signature was refused.
///
/// The first six codes are the error classes of `docs/spec/deployment.md` section 12; their texts are those of
/// section 13. No message ever contains a secret.
public struct SignatureError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case missingRequiredSignature = "missing-required-signature"
        case unknownTwin = "unknown-twin"
        case badSignatureHex = "bad-signature-hex"
        case badSignature = "bad-signature"
        case originatorNotRequested = "originator-not-requested"
        case weightNotReached = "weight-not-reached"
        case repeatedRequest = "repeated-request"
        case tooManyRequests = "too-many-requests"
        case keyUnavailable = "key-unavailable"
        case badMnemonic = "bad-mnemonic"
        case badSecret = "bad-secret"
        case badKey = "bad-key"
        case badAddress = "bad-address"
        case badSignatureFile = "bad-signature-file"
        case otherKey = "other-key"
    }

    public let code: Code
    /// What happened. For the classes above exactly the grid's text.
    public let message: String
    /// Whether the same call may succeed later: the ledger could not be asked.
    public let isRetryable: Bool

    public init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
    }

    public var description: String { message }
}
