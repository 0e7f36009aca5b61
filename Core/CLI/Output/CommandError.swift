import Client
import Contracts
import Hosting

/// Why a command failed, with the exit code that says so to scripts.
public struct CommandError: Error, Sendable, CustomStringConvertible {
    /// The exit codes of `zos`; 64 is for wrong arguments.
    public enum Kind: String, Sendable, CaseIterable {
        case failed, invalid
        case notFound = "not_found"
        case unavailable
        case workloadFailed = "workload_failed"
        case timedOut = "timed_out"

        public var exitCode: Int32 {
            switch self {
            case .failed: 1
            case .invalid: 2
            case .notFound: 3
            case .unavailable: 4
            case .workloadFailed: 5
            case .timedOut: 6
            }
        }
    }

    public let kind: Kind
    public let message: String
    public let hint: String?
    public let isRetryable: Bool

    public init(_ kind: Kind, _ message: String, hint: String? = nil, isRetryable: Bool = false) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.isRetryable = isRetryable
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }

    /// Any error, in this command line's terms.
    public init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as ClientError: self.init(client: error)
        case let error as HostingError: self.init(hosting: error)
        case let error as LedgerUnavailable:
            self.init(.unavailable, "the ledger gave no answer: \(error.message)", isRetryable: true)
        case let error as CallFailure:
            if case .unavailable = error {
                self.init(.unavailable, "\(error)", isRetryable: true)
            } else {
                self.init(.invalid, "\(error)")
            }
        default: self.init(.failed, "\(error)")
        }
    }

    private init(hosting error: HostingError) {
        let kind: Kind =
            switch error.code {
            case .badManifest, .badPackage, .badSignature, .untrusted, .downgrade, .incompatibleABI, .typeConflict,
                .invalid, .denied:
                .invalid
            case .unknownType: .notFound
            case .unavailable, .notRunning: .unavailable
            case .deadlineExceeded: .timedOut
            default: .failed
            }
        self.init(kind, error.message, hint: error.hint, isRetryable: error.isRetryable)
    }

    private init(client error: ClientError) {
        let kind: Kind =
            switch error.code {
            case .refused where error.isNotFound: .notFound
            case .invalid, .refused, .ledger: .invalid
            case .unavailable: .unavailable
            case .failed: .workloadFailed
            case .timedOut: .timedOut
            case .badAnswer, .cancelled: .failed
            }
        self.init(kind, error.message, hint: error.hint, isRetryable: error.isRetryable)
    }
}
