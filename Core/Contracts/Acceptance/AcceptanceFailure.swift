/// Why a deployment may not run under its contract, or why that could not be found out.
public struct AcceptanceFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The ledger gave no answer in time: nothing was judged, the request may be repeated.
        case chainUnavailable = "chain_unavailable"
        case contractNotFound = "contract_not_found"
        case notNodeContract = "not_node_contract"
        case wrongNode = "wrong_node"
        case hashMismatch = "hash_mismatch"
        case twinMismatch = "twin_mismatch"
        case contractDeleted = "contract_deleted"
    }

    public let code: Code
    /// The grid's text (docs/spec/deployment.md section 13).
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var isRetryable: Bool { code == .chainUnavailable }
    public var description: String { message }
}
