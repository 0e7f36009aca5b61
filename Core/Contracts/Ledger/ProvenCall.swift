/// A call with the proof of who made it, in whatever form it came: the one door through which calls reach a ledger.
public protocol ProvenCall: Sendable {
    var account: AccountID { get }
    /// Must equal the account's.
    var nonce: UInt32 { get }
    var call: LedgerCall { get }
    /// What the account adds to the fee, in units of 10^-7 TFT.
    var tip: UInt64 { get }
    /// The call as it came, for the body of its block.
    var form: BlockExtrinsic { get }

    /// Checks signature, ledger, version and lifetime.
    /// - Returns: the last block that may hold the call; nil if it is good for ever.
    func verify(in context: ProofContext) throws(CallRefusal) -> UInt32?
}

/// What proofs refer to.
public struct ProofContext {
    public let genesis: HexBytes
    /// The number of the block that the call would be part of.
    public let number: UInt32
    /// The hash of an earlier block; nil if it is no longer kept.
    public let hash: (UInt32) -> HexBytes?

    public init(genesis: HexBytes, number: UInt32, hash: @escaping (UInt32) -> HexBytes?) {
        self.genesis = genesis
        self.number = number
        self.hash = hash
    }
}
