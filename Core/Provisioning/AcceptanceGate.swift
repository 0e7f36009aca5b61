import JSON

/// Asks the ledger and the twins' keys whether a deployment may be run here.
public protocol AcceptanceGate: Sendable {
    /// Checks that the contract exists, is a node contract for this node, belongs to `twin` and carries this hash.
    ///
    /// - Parameters:
    ///   - hash: 32 lower-case hex digits.
    ///   - previous: for an update, the hash of the version that runs: the ledger may still show it for a moment.
    /// - Throws: `Refusal`; `.unavailable` if the ledger cannot be asked now, which is no judgement.
    func contract(_ contract: UInt64, twin: UInt32, hash: String, previous: String?) async throws -> AcceptedTerms

    /// Checks before an accepted deployment is installed again after a boot: node and hash need not match any more.
    ///
    /// - Throws: `Refusal`; `.unavailable` if the ledger cannot be asked now: the deployment stays queued.
    func reinstallation(_ contract: UInt64, twin: UInt32) async throws -> AcceptedTerms
}

/// What the ledger says about a contract that a deployment may run under.
public struct AcceptedTerms: Sendable {
    /// Reserved public addresses, each `{"ip": cidr, "gateway": ip}`.
    public let reserved: [JSONValue]
    /// Whether the contract is in grace: the deployment is accepted and paused.
    public let isPaused: Bool
    /// The rent contract of the node, if somebody rented it.
    public let rentContract: UInt64?

    public init(reserved: [JSONValue], isPaused: Bool, rentContract: UInt64? = nil) {
        self.reserved = reserved
        self.isPaused = isPaused
        self.rentContract = rentContract
    }
}
