import Signatures

/// Whatever records twins, nodes, farms and contracts: the chain or the embedded ledger. Code above cannot tell which.
///
/// Every read has three outcomes: a value, nil for *absent*, and a thrown `LedgerUnavailable`. Neither provider turns
/// one into another. Source: docs/spec/ledger.md section 1.
public protocol Ledger: Sendable {
    /// What tells one ledger from another.
    func genesisHash() async throws(LedgerUnavailable) -> HexBytes
    /// The newest block; `best` may be ahead of `finalised`. Its time is the chain's clock.
    func head(_ point: ReadPoint) async throws(LedgerUnavailable) -> BlockReference

    func twin(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Twin?
    func twinID(of account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32?
    func node(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Node?
    func nodeID(ofTwin twin: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32?
    func farm(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Farm?
    /// Empty for a farm that does not exist.
    func nodes(ofFarm farm: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt32]
    /// Up and up for a node that never said otherwise.
    func power(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> NodePower
    func contract(_ id: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Contract?
    func contractID(node: UInt32, hash: ContractHash, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64?
    func contractID(name: String, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64?
    /// Node contracts of a node that are created or in grace, in order of creation.
    func activeContracts(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt64]
    func rentContract(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64?
    /// Zeros for a contract without report.
    func resources(ofContract contract: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Resources
    /// Nonce 0 and no funds for an account that was never seen.
    func account(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> LedgerAccount
    /// Whether an account has accepted the grid's terms, which is needed before its twin can be made.
    func hasAcceptedTerms(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool
    /// Free text that tells which software nodes should run.
    func versionText(at point: ReadPoint) async throws(LedgerUnavailable) -> String

    /// One finalised block.
    func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup
    /// Returns as soon as the finalised head is past `number`, or after `patience` with the head as it is.
    func waitForBlock(after number: UInt32, patience: Duration) async throws(LedgerUnavailable) -> BlockReference

    /// Signs a call in the provider's own form and answers when it is in a block. Callers that share an account may
    /// race: a nonce that was taken meanwhile is read again. A call that got no answer is not repeated.
    func submit(_ call: LedgerCall, by key: KeyPair) async throws(CallFailure) -> CallReceipt
}

extension Ledger {
    /// A provider that cannot tell says no: accepting again does no harm.
    public func hasAcceptedTerms(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool { false }
}

/// What the ledger knows about an account.
public struct LedgerAccount: Sendable, Hashable, Codable {
    /// The number that the next call must carry.
    public var nonce: UInt32
    /// In units of 10^-7 TFT.
    public var free: UInt64

    public init(nonce: UInt32 = 0, free: UInt64 = 0) {
        self.nonce = nonce
        self.free = free
    }
}
