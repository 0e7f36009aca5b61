import JSON

/// Asks the ledger and the twins' keys whether a deployment may be run here.
public protocol AcceptanceGate: Sendable {
    /// Checks that the contract exists, is a node contract for this node, belongs to `twin` and carries this hash.
    ///
    /// - Parameter hash: 32 lower-case hex digits.
    /// - Returns: the contract's reserved public addresses, each `{"ip": cidr, "gateway": ip}`.
    /// - Throws: `Refusal`; `.unavailable` if the ledger cannot be asked now, which is no judgement.
    func contract(_ contract: UInt64, twin: UInt32, hash: String) async throws -> [JSONValue]
}
