import Signatures

/// A read as it goes over the socket.
enum LedgerQuery: Sendable, Codable {
    case genesisHash
    case head(at: ReadPoint)
    case twin(id: UInt32, at: ReadPoint)
    case twinID(account: AccountID, at: ReadPoint)
    case node(id: UInt32, at: ReadPoint)
    case nodeID(twin: UInt32, at: ReadPoint)
    case farm(id: UInt32, at: ReadPoint)
    case nodesOfFarm(farm: UInt32, at: ReadPoint)
    case power(node: UInt32, at: ReadPoint)
    case contract(id: UInt64, at: ReadPoint)
    case contractByHash(node: UInt32, hash: ContractHash, at: ReadPoint)
    case contractByName(name: String, at: ReadPoint)
    case activeContracts(node: UInt32, at: ReadPoint)
    case rentContract(node: UInt32, at: ReadPoint)
    case resources(contract: UInt64, at: ReadPoint)
    case account(id: AccountID, at: ReadPoint)
    case nextNonce(account: AccountID)
    case terms(account: AccountID, at: ReadPoint)
    case versionText(at: ReadPoint)
    case block(number: UInt32)
    /// Milliseconds of patience, bounded by the server.
    case waitForBlock(after: UInt32, patience: UInt64)
}
