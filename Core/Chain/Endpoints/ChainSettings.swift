import Contracts
import WebSockets

/// How a chain is reached. Source of the numbers: docs/spec/tfchain.md sections 1, 7, 8 and 9.
public struct ChainSettings: Sendable {
    /// The genesis hash of the chain, where it is known from before; otherwise the first one seen counts.
    public var genesis: HexBytes?
    /// Certificates (a PEM file) that are trusted instead of the system's, for closed installations.
    public var trustedCertificates: String?
    /// For a connection with TLS and upgrade.
    public var connectTimeout: Duration = .seconds(12)
    /// For an answer; what takes longer is asked at the next endpoint.
    public var answerTimeout: Duration = .seconds(6)
    /// For the runtime's metadata, some hundred kilobytes.
    public var metadataTimeout: Duration = .seconds(20)
    /// An endpoint whose chain is further behind the clock is refused: two blocks.
    public var staleAfter: Duration = .seconds(12)
    /// Without a finalised head for this long the connection is dead.
    public var headSilence: Duration = .seconds(30)
    /// Between two attempts to connect.
    public var attemptPause: Duration = .milliseconds(200)
    /// After two rounds over all endpoints, doubling.
    public var backOff: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// How long a question is tried again after its first failure, at whatever endpoint there is.
    public var retryFor: Duration = .seconds(5)
    /// Between such tries, doubling.
    public var retryPause: ClosedRange<Duration> = .milliseconds(500) ... .seconds(2)
    /// Without a status for this long the outcome of a call is unknown.
    public var statusTimeout: Duration = .seconds(30)
    /// How long the blocks are searched for a call whose outcome is unknown.
    public var searchFor: Duration = .seconds(30)
    /// The longest answer in bytes; metadata as text is the longest that there is.
    public var messageLimit = 32 << 20

    public init() {}
}
